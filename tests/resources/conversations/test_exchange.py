"""The endpoints of conversations over real sockets: what is sent and repeated, and what answers become."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    BadRequestError,
    ConcurrencyLimitError,
    Conversation,
    ConversationDraft,
    DecodeError,
    NotFoundError,
    PaymentRequiredError,
    RateLimit,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeouts,
    interactions,
)
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session, until
from tests.support.raw_server import RawServer, always, close, hang, in_turn, reset, words

DRAFT = ConversationDraft(persona_id="p1", replica_id="r1", conversation_name="Intake")
CREATED = always(b'{"conversation_id": "c1", "status": "active"}')
SAY = interactions.Respond("What does it cost?")
ONCE = RetryPolicy(attempts=1)
SHORT = Timeouts(attempt=0.2)

INTERACTION = {
    "interaction_id": "i1",
    "tool_call_id": "t1",
    "component": "canvas.text",
    "component_version": "v1",
    "type": "submit",
}


def told(text: str, status: int, headers: dict[str, str] | None = None) -> Any:
    """A refusal under the name that conversations' endpoints use."""
    return always(json.dumps({"error": text}).encode(), status, headers)


class TestVocabulary:
    @pytest.mark.parametrize(
        ("vocabulary", "names"), [("persona", ("persona_id", "replica_id")), ("pal", ("pal_id", "face_id"))]
    )
    async def test_a_create_is_spelled_in_it_on_the_same_path(self, vocabulary: Any, names: tuple[str, str]) -> None:
        async with RawServer(CREATED) as server, quick_session(server, vocabulary=vocabulary) as session:
            await session.create_conversation(DRAFT)
            await session.get_conversation("c1")
            create, get = server.requests

        assert (create.method, create.path, get.path) == ("POST", "/v2/conversations", "/v2/conversations/c1")
        assert json.loads(create.body) == {names[0]: "p1", names[1]: "r1", "conversation_name": "Intake"}


class TestCreate:
    @pytest.mark.parametrize(
        ("text", "status", "kind"),
        [
            ("User has reached maximum concurrent conversations", 400, ConcurrencyLimitError),
            ("Invalid replica_id", 400, NotFoundError),
            ("The user is out of conversational credits.", 402, PaymentRequiredError),
            ("Internal", 500, ServerError),
        ],
    )
    async def test_a_refusal_has_its_own_error_and_is_not_repeated(
        self, text: str, status: int, kind: type[ApiError]
    ) -> None:
        async with RawServer(always(words(text), status)) as server, quick_session(server) as session:
            with pytest.raises(kind, match=text):
                await session.create_conversation(DRAFT)

            assert len(server.requests) == 1

    @pytest.mark.parametrize("answer", [close, reset, hang, told("", 502), told("", 504), told("", 524), told("", 408)])
    async def test_a_lost_answer_is_ambiguous_and_says_how_to_look(self, answer: Any) -> None:
        async with RawServer(answer) as server, quick_session(server, timeouts=SHORT) as session:
            with pytest.raises(AmbiguousOutcomeError, match=r"await session\.find_conversations\('Intake'\)") as caught:
                await session.create_conversation(DRAFT)

            assert len(server.requests) == 1
        assert caught.value.name == "Intake"


class TestEnd:
    @pytest.mark.parametrize("body", [b"", b"{}", b'{"status": "ended"}'])
    @pytest.mark.parametrize("status", [200, 204])
    async def test_all_its_answers_mean_that_it_has_ended(self, body: bytes, status: int) -> None:
        answer = always(body if status == 200 else b"", status)
        async with RawServer(answer) as server, quick_session(server) as session:
            ended: object = await session.end_conversation("c 1")  # type: ignore[func-returns-value]
            (request,) = server.requests

        assert ended is None
        assert (request.method, request.path, request.body) == ("POST", "/v2/conversations/c%201/end", b"")

    @pytest.mark.parametrize("fault", [close, reset, hang, told("", 500), told("", 504), told("later", 429)])
    async def test_it_is_repeated_until_there_is_an_answer(self, fault: Any) -> None:
        async with (
            RawServer(in_turn(fault, always(b"{}"))) as server,
            quick_session(server, timeouts=SHORT, retry=RetryPolicy(base_delay=0, max_delay=0)) as session,
        ):
            await session.end_conversation("c1")

            assert len(server.requests) == 2

    async def test_one_that_is_not_there_is_not_found(self) -> None:
        async with RawServer(told("Invalid conversation_id", 400)) as server, quick_session(server) as session:
            with pytest.raises(NotFoundError):
                await session.end_conversation("c1")


class TestDelete:
    @pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b""), (200, b"{}"), (200, b'{"message": "ok"}')])
    async def test_every_good_answer_will_do(self, status: int, body: bytes) -> None:
        async with RawServer(always(body, status)) as server, quick_session(server) as session:
            await session.delete_conversation("c1")
            await session.delete_conversation("c1", hard=True)

        assert [(one.method, one.path) for one in server.requests] == [
            ("DELETE", "/v2/conversations/c1"),
            ("DELETE", "/v2/conversations/c1?hard=true"),
        ]

    async def test_one_that_was_deleted_though_the_answer_was_lost_is_deleted(self) -> None:
        answer = in_turn(reset, told("Invalid conversation_id", 400))
        async with RawServer(answer) as server, quick_session(server) as session:
            deleted: object = await session.delete_conversation("c1")  # type: ignore[func-returns-value]

            assert (deleted, len(server.requests)) == (None, 2)


class TestLists:
    @pytest.mark.parametrize("key", ["data", "conversations", None])
    async def test_all_pages_are_read_whatever_holds_the_items(self, key: str | None) -> None:
        def page(*ids: str) -> Any:
            items = [{"conversation_id": each} for each in ids]
            return always(json.dumps({key: items} if key else items).encode())

        answers = in_turn(page("c1", "c2"), page("c2", "c3"), page())
        async with RawServer(answers) as server, quick_session(server) as session:
            found = [one.conversation_id async for one in session.list_conversations(status="ended", page_size=2)]
            paths = [request.path for request in server.requests]

        assert found == ["c1", "c2", "c3"]
        assert paths == [f"/v2/conversations?limit=2&page={page}&status=ended" for page in (1, 2, 3)]


class TestReads:
    async def test_equal_reads_at_one_time_are_one_request(self) -> None:
        async with RawServer(CREATED) as server, quick_session(server) as session:
            first, second = await asyncio.gather(session.get_conversation("c1"), session.get_conversation("c1"))

            assert first is second
            assert len(server.requests) == 1

    async def test_verbose_ones_are_not(self) -> None:
        async with RawServer(CREATED) as server, quick_session(server, cache_ttl=100) as session:
            read = [session.get_conversation("c1", verbose=True) for _ in range(3)]
            await asyncio.gather(*read, session.get_conversation("c1"))
            await session.get_conversation("c1", verbose=True)
            paths = sorted(request.path for request in server.requests)

        assert paths == ["/v2/conversations/c1", *["/v2/conversations/c1?verbose=true"] * 4]

    async def test_nor_does_a_plain_one_answer_a_verbose_one(self) -> None:
        answers = in_turn(CREATED, always(b'{"conversation_id": "c1", "events": []}'))
        async with RawServer(answers) as server, quick_session(server, cache_ttl=100) as session:
            plain = await session.get_conversation("c1")
            verbose = await session.get_conversation("c1", verbose=True)
            again = await session.get_conversation("c1")

        assert (plain.events, verbose.events, again) == (None, (), plain)

    @pytest.mark.parametrize("method", ["end_conversation", "delete_conversation"])
    async def test_what_was_cached_before_it_was_changed_is_read_anew(self, method: str) -> None:
        ended = always(b'{"conversation_id": "c1", "status": "ended"}')
        async with (
            RawServer(in_turn(CREATED, always(b"{}"), ended)) as server,
            quick_session(server, cache_ttl=100) as session,
        ):
            before = await session.get_conversation("c1")
            await getattr(session, method)("c1")
            after = await session.get_conversation("c1")

        assert (before.status, after.status) == ("active", "ended")


class TestSendAppMessage:
    async def test_what_was_not_delivered_is_sent_again(self) -> None:
        refusal = told("The app message could not be delivered. Please retry.", 502)
        async with RawServer(in_turn(refusal, refusal, always(b""))) as server, quick_session(server) as session:
            await session.send_app_message("c1", SAY)

            assert len({request.body for request in server.requests}) == 1
            assert len(server.requests) == 3

    async def test_in_the_end_it_is_a_refusal_and_nothing_ambiguous(self) -> None:
        refusal = told("The app message could not be delivered. Please retry.", 502)
        policy = RetryPolicy(attempts=2, base_delay=0)
        async with RawServer(refusal) as server, quick_session(server, retry=policy) as session:
            with pytest.raises(ServerError, match="could not be delivered"):
                await session.send_app_message("c1", SAY)

            assert len(server.requests) == 2

    @pytest.mark.parametrize(
        "answer", [told("The app message may have been delivered; check before retrying.", 504), close, reset, hang]
    )
    async def test_what_may_have_been_delivered_is_not(self, answer: Any) -> None:
        async with RawServer(answer) as server, quick_session(server, timeouts=SHORT) as session:
            with pytest.raises(AmbiguousOutcomeError) as caught:
                await session.send_app_message("c1", SAY)

            assert len(server.requests) == 1
        assert caught.value.path == "/v2/conversations/c1/send-app-message"

    async def test_too_many_are_slowed_down(self) -> None:
        answers = in_turn(told("Too many requests", 429, {"Retry-After": "0"}), always(b""))
        async with RawServer(answers) as server, quick_session(server) as session:
            await session.send_app_message("c1", SAY)

            assert len(server.requests) == 2

    @pytest.mark.parametrize(
        ("status", "text", "kind"),
        [
            (400, "App messages can only be sent to active conversations.", BadRequestError),
            (404, "The conversation's room is no longer available.", NotFoundError),
            (410, "The conversation's room is no longer available.", ApiError),
            (413, "Request body exceeds 65536 bytes", ApiError),
            (429, "Too many requests", RateLimitedError),
        ],
    )
    async def test_a_refusal_is_an_error_in_the_servers_words(
        self, status: int, text: str, kind: type[ApiError]
    ) -> None:
        async with RawServer(told(text, status)) as server, quick_session(server, retry=ONCE) as session:
            with pytest.raises(kind, match=text.rstrip(".")) as caught:
                await session.send_app_message("c1", SAY)

        assert (caught.value.status, caught.value.message) == (status, text)


class TestCanvas:
    @pytest.mark.parametrize("fault", [close, reset, told("", 500), told("", 502), told("", 504)])
    async def test_a_recording_whose_answer_is_lost_is_repeated(self, fault: Any) -> None:
        answers = in_turn(fault, always(b'{"success": true}'))
        async with RawServer(answers) as server, quick_session(server) as session:
            await session.record_canvas_interaction("c1", INTERACTION)
            bodies = [json.loads(request.body) for request in server.requests]

        assert bodies == [INTERACTION, INTERACTION]

    async def test_interactions_are_read_each_time(self) -> None:
        body = json.dumps({"data": [INTERACTION]}).encode()
        async with (
            RawServer(in_turn(always(b'{"data": []}'), always(body))) as server,
            quick_session(server) as session,
        ):
            first = await session.list_canvas_interactions("c1")
            second = await session.list_canvas_interactions("c1")

        assert (first, [one.component for one in second]) == ((), ["canvas.text"])

    async def test_what_is_no_list_of_them_is_told_by_its_place(self) -> None:
        answer = always(b'{"data": [{"component": "x"}]}')
        async with RawServer(answer) as server, quick_session(server) as session:
            with pytest.raises(DecodeError, match=r"an object with an interaction_id at \$\.data\[0\]"):
                await session.list_canvas_interactions("c1")


async def test_every_refusal_there_is_becomes_an_error_in_its_words(shared_reference: Path) -> None:
    bodies = [
        json.loads(path.read_text(encoding="utf-8"))["body"]
        for path in sorted((shared_reference / "bodies" / "errors").glob("*.json"))
    ]
    assert len(bodies) > 20
    for body in bodies:
        async with (
            RawServer(always(json.dumps(body).encode(), 400)) as server,
            quick_session(server, retry=ONCE) as session,
        ):
            with pytest.raises(ApiError) as caught:
                await session.get_conversation("c1", verbose=True)
            assert caught.value.body == body
            assert caught.value.message


async def test_chat_has_no_address_and_test_mode_has_ended() -> None:
    answers = in_turn(always(b'{"conversation_id": "c1"}'), always(b'{"conversation_id": "c2", "status": "ended"}'))
    async with RawServer(answers) as server, quick_session(server) as session:
        chat = await session.create_conversation({"persona_id": "p1", "chat": True})
        test = await session.create_conversation({"persona_id": "p1", "test_mode": True})

    assert (chat, chat.join_url) == (Conversation(conversation_id="c1"), None)
    assert test.status == "ended"


class TestOwnLimits:
    """Of app messages and canvas interactions there may be 120 in a minute for each conversation."""

    @pytest.mark.parametrize("what", ["message", "interaction"])
    async def test_a_429_of_theirs_slows_that_conversation_and_nothing_else(self, what: str) -> None:
        rate = RateLimit(per_second=2_000, burst=500)
        # A minute of Tavus is half a second.
        async with (
            Sandbox(personas=1, conversations=0, api_key=KEY, speed=120, rate_limit=None) as sandbox,
            quick_session(sandbox, rate_limit=rate, retry=RetryPolicy(attempts=50, base_delay=0.02)) as session,
        ):
            created = [await session.create_conversation({"persona_id": sandbox.persona_ids[0]}) for _ in range(2)]
            one, other = (each.conversation_id for each in created)

            async def send(conversation_id: str, number: int) -> None:
                if what == "message":
                    await session.send_app_message(conversation_id, SAY)
                else:
                    draft = INTERACTION | {"interaction_id": f"i{number}"}
                    await session.record_canvas_interaction(conversation_id, draft)

            flood = asyncio.gather(*(send(one, number) for number in range(200)))
            await until(lambda: session.stats().rate_limited > 0)
            await asyncio.gather(*(send(other, number) for number in range(100)))
            await asyncio.gather(*(session.get_conversation(other) for _ in range(100)))

            assert not flood.done()
            assert session.stats().rate == rate.per_second
            assert session.stats().tokens > 0
            await flood
            sent = [each for each in sandbox.requests if each.method == "POST" and each.status == 200]
            assert len(sent) == 2 + 300
            assert len([each for each in sandbox.requests if each.status == 429]) == session.stats().rate_limited
