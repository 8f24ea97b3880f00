"""What the SDK assumes of Tavus' conversations: looked at on what the account has, and on one in test mode."""

from typing import Any

from tavus_async.webhooks import UnknownEvent
from tests.live.assumption import Assumptions, is_answer, strange_fields
from tests.live.visit import Answer, Verdict, Visit, different, unknown, verdict

ALL = "/v2/conversations"
NOBODY = "c000000000000000"
INVALID_ID = {"error": "Invalid conversation_id"}
NO_MESSAGES = {"error": "App messages can only be sent to active conversations."}
# Should test mode be something else than it is taken for, the conversation is over soon.
SHORT = {"max_call_duration": 60, "participant_absent_timeout": 60}
OLD_WORDS, NEW_WORDS = {"persona_id", "replica_id"}, {"pal_id", "face_id"}
NOT_BESIDE_EVENTS = {"transcript", "duration", "perception_analysis"}
LOOKED_AT = 5

conversations = Assumptions(lambda visit: visit.conversation)


@conversations("conversations", 'List Conversations answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.conversations = list(await visit.session.list_conversations_page(limit=100))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@conversations("conversation-pages", "pages are counted from 1 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [await visit.session.list_conversations_page(page=page, limit=1) for page in (1, 2)]
    if (first.total_count or 0) < 2:
        return unknown("the account has fewer than two conversations")
    ids = [one.conversation_id for page in (first, second) for one in page]
    expected = [one.conversation_id for one in visit.conversations[:2]]
    return verdict(ids == expected, "pages 1 and 2 of one conversation each differ from the first two of a page of 100")


@conversations("conversation-status", "status=active and status=ended give those alone")
async def _status(visit: Visit) -> Verdict:
    found: list[tuple[str, str | None]] = []
    for status in ("active", "ended"):
        found += [(status, one.status) for one in await visit.session.list_conversations_page(status=status)]
    if not found:
        return unknown("the account has no conversation")
    others = sorted({f"{status} among the {wanted}" for wanted, status in found if status != wanted})
    return verdict(not others, ", ".join(others))


@conversations("conversation-bare", "Get Conversation answers the conversation itself, in no envelope")
async def _bare(visit: Visit) -> Verdict:
    if not visit.conversations:
        return unknown("the account has no conversation")
    answer = await visit.get(f"{ALL}/{visit.conversations[0].conversation_id}")
    return verdict(answer.status == 200 and "conversation_id" in answer.fields, str(answer))


@conversations("conversation-words", "a conversation has persona_id and replica_id, or pal_id and face_id, never both")
async def _words(visit: Visit) -> Verdict:
    if not visit.conversations:
        return unknown("the account has no conversation")
    names = [set(one.to_dict()) for one in visit.conversations]
    mixed = [each for each in names if each & OLD_WORDS and each & NEW_WORDS]
    return verdict(not mixed, f"{len(mixed)} of {len(names)} have both")


@conversations("conversation-verbose", "with verbose=true it has events, and no transcript beside them")
async def _verbose(visit: Visit) -> Verdict:
    if not visit.conversations:
        return unknown("the account has no conversation")
    for one in visit.conversations[:LOOKED_AT]:
        visit.told.append(await visit.session.get_conversation(one.conversation_id, verbose=True))
    without = [one for one in visit.told if one.events is None]
    beside = sorted({name for one in visit.told for name in one.extra if name in NOT_BESIDE_EVENTS})
    return verdict(
        not without and not beside, f"{len(without)} of {len(visit.told)} without events; beside: {', '.join(beside)}"
    )


@conversations("conversation-unknown", 'an id that is nobody\'s is answered 400, {"error": "Invalid conversation_id"}')
async def _unknown(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{NOBODY}"), 400, INVALID_ID)


@conversations("conversation-fields", "every field of a conversation and of its events is known")
async def _fields(visit: Visit) -> Verdict:
    return of_fields(visit, "also", known=False)


@conversations("conversation-types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    return of_fields(visit, "another type in", known=True)


@conversations("conversation-events", "every event of a conversation has a class")
async def _events(visit: Visit) -> Verdict:
    events = [event for one in visit.told for event in one.events or ()]
    if not events:
        return unknown("no event was seen")
    strange = sorted({str(event.event_type) for event in events if isinstance(event, UnknownEvent)})
    return verdict(not strange, f"also {', '.join(strange)}")


@conversations(
    "conversation-create", "in test_mode, a create answers 200 with an id, a URL and the status ended", "create"
)
async def _create(visit: Visit) -> Verdict:
    persona_id = speaker(visit)
    if persona_id is None:
        return unknown("no persona was seen that has a replica")
    draft = {"persona_id": persona_id, "conversation_name": visit.throw_away_name, "test_mode": True}
    answer = await create(visit, draft)
    visit.conversation = str(answer.fields.get("conversation_id", ""))
    is_so = answer.status == 200 and {"conversation_id", "conversation_url"} <= answer.fields.keys()
    return verdict(is_so and answer.fields.get("status") == "ended", f"{answer}, {answer.fields.get('status')}")


@conversations("conversation-needs-persona", "without a persona and a replica, a create is refused with 400", "create")
async def _needs_persona(visit: Visit) -> Verdict:
    return await is_refused(visit, {})


@conversations("conversation-chat-or-audio", "chat and audio_only together are refused with 400", "create")
async def _chat_or_audio(visit: Visit) -> Verdict:
    return await is_refused(visit, {"persona_id": speaker(visit), "chat": True, "audio_only": True})


@conversations("conversation-participants", "max_participants below 2 is refused with 400", "create")
async def _participants(visit: Visit) -> Verdict:
    return await is_refused(visit, {"persona_id": speaker(visit), "max_participants": 1})


@conversations("conversation-read", "it can be read as soon as it is created", "change")
async def _read(visit: Visit) -> Verdict:
    conversation = await visit.session.get_conversation(visit.conversation)
    is_so = (conversation.conversation_name, conversation.status) == (visit.throw_away_name, "ended")
    return verdict(is_so, f"another name, or the status {conversation.status}")


@conversations("conversation-find", "it is on the list at once, under status=ended", "change")
async def _find(visit: Visit) -> Verdict:
    page = await visit.session.list_conversations_page(limit=100, status="ended")
    if visit.conversation in {one.conversation_id for one in page}:
        return verdict(is_so=True, words="")
    is_whole = page.total_count is not None and page.total_count <= len(page)
    return different("it is not there") if is_whole else unknown("it is not among the first hundred")


@conversations("conversation-end", "ending it, though it has ended, is answered 2xx, 400 or 404", "change")
async def _end(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", f"{ALL}/{visit.conversation}/end")
    return verdict(answer.status in {200, 204, 400, 404}, str(answer))


@conversations("conversation-message", "a message into a conversation that has ended is refused with 400", "change")
async def _message(visit: Visit) -> Verdict:
    message = {"message_type": "conversation", "event_type": "conversation.interrupt"}
    return is_answer(
        await visit.ask("POST", f"{ALL}/{visit.conversation}/send-app-message", body=message), 400, NO_MESSAGES
    )


@conversations("conversation-canvas", 'the interactions with its canvas are {"data": []}', "change")
async def _canvas(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{visit.conversation}/canvas/interactions"), 200, {"data": []})


@conversations("conversation-delete", "Delete Conversation answers 204, with no body", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.ask("DELETE", f"{ALL}/{visit.conversation}", query=(("hard", "true"),))
    if answer.status < 300:
        visit.conversations_created.remove(visit.conversation)
    return verdict((answer.status, answer.body) == (204, None), str(answer))


@conversations("conversation-gone", "what is deleted is answered as what never was", "change")
async def _gone(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{visit.conversation}"), 400, INVALID_ID)


def speaker(visit: Visit) -> str | None:
    """A persona that can speak without being told by whose face."""
    return next((one.persona_id for one in visit.personas if one.default_replica_id), None)


async def create(visit: Visit, draft: dict[str, Any]) -> Answer:
    """Create in test mode, so that nothing begins and nothing is charged; what begins all the same is ended at once."""
    answer = await visit.ask("POST", ALL, body={**draft, "test_mode": True, "properties": SHORT})
    conversation_id = answer.fields.get("conversation_id")
    if isinstance(conversation_id, str):
        visit.conversations_created.append(conversation_id)
        if answer.fields.get("status") != "ended":
            await visit.session.end_conversation(conversation_id)
    return answer


async def is_refused(visit: Visit, draft: dict[str, Any]) -> Verdict:
    if "persona_id" in draft and draft["persona_id"] is None:
        return unknown("no persona was seen that has a replica")
    answer = await create(visit, {**draft, "conversation_name": visit.throw_away_name})
    return verdict(answer.status == 400, str(answer))


def of_fields(visit: Visit, words: str, *, known: bool) -> Verdict:
    seen = [*visit.conversations, *visit.told]
    if not seen:
        return unknown("the account has no conversation")
    strange = sorted({name for one in seen for name in strange_fields(one, known=known)})
    return verdict(not strange, f"{words} {', '.join(strange)}")
