"""What of a conversation opens a room, or lets somebody pose as Tavus, is shown nowhere."""

import json
import logging
import pickle
import pprint
import warnings
from collections.abc import Callable
from typing import Annotated, Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    BadRequestError,
    Conversation,
    ConversationDraft,
    InvalidRequestError,
    Page,
    Secret,
    calls,
    interactions,
)
from tavus_async.models import ConversationProperties
from tests.support import asgi
from tests.support.quick import quick_session
from tests.support.raw_server import RawServer, always, words
from tests.support.tracebacks import shown_with_locals, traceback_of

pytest.importorskip("fastapi", reason="fastapi is not installed")
pytest.importorskip("rich", reason="rich is not installed")

import fastapi
from fastapi.encoders import jsonable_encoder
from pydantic import BaseModel, TypeAdapter
from rich.pretty import pretty_repr

# What is secret begins with this, and is long enough that nobody would guess it.
S = "SECRET"
BODY: dict[str, Any] = {
    "conversation_id": "c1",
    "pal_id": "p1",
    "conversation_url": f"https://user:{S}-password@tavus.daily.co/c1?t={S}-token#{S}-fragment",
    "callback_url": f"https://app.example/hooks/{S}-in-the-path?token={S}-in-the-query",
    "meeting_token": f"{S}-meeting",
    "created_at": "2026-08-11T23:02:10Z",
    "room_token": f"{S}-of-tomorrow",
    "events": [
        {
            "event_type": "system.shutdown",
            "webhook_url": f"https://app.example/hooks/{S}-in-the-path",
            "properties": {"shutdown_reason": "r", "token": f"{S}-in-an-event"},
        },
        {
            "event_type": "system.tomorrow",
            "webhook_url": [f"https://app.example/{S}-in-a-list"],
            "access_token": f"{S}-beside",
        },
    ],
}
SHAPE: dict[str, Any] = {
    "conversation_id": "c1",
    "pal_id": "p1",
    "conversation_url": "https://tavus.daily.co/c1?***#***",
    "callback_url": "https://app.example/***",
    "meeting_token": "***",
    "created_at": "2026-08-11T23:02:10Z",
    "room_token": "***",
    "events": [
        {
            "event_type": "system.shutdown",
            "webhook_url": "https://app.example/***",
            "properties": {"shutdown_reason": "r", "token": "***"},
        },
        {"event_type": "system.tomorrow", "webhook_url": "***", "access_token": "***"},
    ],
}
DRAFT_BODY: dict[str, Any] = {
    "persona_id": "p1",
    "callback_url": f"https://app.example/{S}-in-the-path?token={S}-in-the-query",
    "meeting_url": f"https://zoom.us/j/123?pwd={S}-of-the-meeting",
    "properties": {
        "livekit_ws_url": f"wss://livekit.example?access_token={S}-of-the-socket",
        "livekit_room_token": f"{S}-of-the-room",
    },
}
DRAFT_SHAPE: dict[str, Any] = {
    "persona_id": "p1",
    "callback_url": "https://app.example/***",
    "meeting_url": "https://zoom.us/j/123?***",
    "properties": {"livekit_ws_url": "wss://livekit.example?***", "livekit_room_token": "***"},
}
DRAFT = ConversationDraft.from_dict(DRAFT_BODY)
CREATED = json.dumps(BODY).encode()


def conversation(**more: Any) -> Conversation:
    return calls.get_conversation("c1").decode(json.dumps(BODY | more).encode())


def read_through(record: Conversation) -> None:
    """Ask for everything that is read late."""
    hash(record)
    assert [[event.properties, event.extra, event.identity] for event in record.events or ()]


class Guide(BaseModel):
    conversation: Conversation
    draft: ConversationDraft | None = None


SHAPES: dict[str, Callable[[Any], Any]] = {
    "to_dict": lambda record: record.to_dict(secrets=False),
    "vars": vars,
    "dict": dict,
    "JSON of vars": lambda record: json.loads(json.dumps(vars(record), default=str)),
    "JSON of its dict": lambda record: json.loads(json.dumps(record, default=dict)),
    "jsonable_encoder": jsonable_encoder,
    "anything": lambda record: TypeAdapter(Any).dump_python(record),
    "its type": lambda record: TypeAdapter(type(record)).dump_python(record),
    "its type as JSON": lambda record: json.loads(TypeAdapter(type(record)).dump_json(record)),
    "after a pickle": lambda record: vars(pickle.loads(pickle.dumps(record))),  # noqa: S301
    "after a change": lambda record: vars(attrs.evolve(record)),
}
TEXTS: dict[str, Callable[[Any], object]] = {
    "repr": repr,
    "str": str,
    "format": lambda record: f"{record} {record!r} {[record]}",
    "pprint": pprint.pformat,
    "pprint of vars": lambda record: pprint.pformat(vars(record)),
    "rich": lambda record: pretty_repr([record], expand_all=True),
    "pickle": pickle.dumps,
    "dir": dir,
    "its parts": lambda record: [*record],
    "what it does not know": lambda record: record.extra,
    "a model": lambda record: repr(TypeAdapter(Any).validate_python({"x": record})),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_all_make_the_same_of_it_and_hide_the_same(shape: Callable[[Any], Any]) -> None:
    record = conversation()
    before = shape(record)
    read_through(record)

    assert before == shape(record) == SHAPE
    assert shape(DRAFT) == DRAFT_SHAPE


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_shows_what_is_secret(text: Callable[[Any], object]) -> None:
    record = conversation()
    before = f"{text(record)} {text(DRAFT)}"
    read_through(record)

    assert S not in f"{before} {text(record)} {[text(event) for event in record.events or ()]}"


def test_it_is_all_there_for_whoever_asks_for_it() -> None:
    record = conversation(conversation_url="https://tavus.daily.co/c1")

    assert record.join_url == f"https://tavus.daily.co/c1?t={S}-meeting"
    assert record.callback_url == BODY["callback_url"]
    assert record.meeting_token == Secret(f"{S}-meeting")
    assert conversation().to_dict() == BODY
    assert DRAFT.to_dict() == DRAFT_BODY


@pytest.mark.parametrize("name", ["conversation_url", "callback_url", "meeting_token"])
@pytest.mark.parametrize("value", [[f"{S}-text"], {"url": f"{S}-text"}, [[{"a": f"{S}-text"}]]])
def test_what_is_of_a_surprising_type_is_no_less_secret(name: str, value: Any) -> None:
    record = conversation(**{name: value})

    assert S not in f"{vars(record)[name]} {record.extra} {record!r} {pickle.dumps(record)!r}"
    assert record.to_dict() == BODY | {name: value}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("https://tavus.daily.co/c1", "https://tavus.daily.co/c1"),
        (f"//user:{S}@host/c1?{S}", "host/c1?***"),
        (f"user:{S}@host/c1", "user:///***"),
        (f"https://[{S}", "***"),
        (f"host/c1?t={S}", "host/c1?***"),
        (f"?t={S}", "?***"),
        (f"#{S}", "#***"),
    ],
)
def test_even_of_odd_links_no_secret_is_shown(url: str, shown: str) -> None:
    record = conversation(conversation_url=url)

    assert record.to_dict(secrets=False)["conversation_url"] == shown
    assert record.to_dict()["conversation_url"] == url
    assert S not in repr(record)


def test_a_page_hides_them_too() -> None:
    body = json.dumps({"data": [BODY, BODY], "total_count": 2}).encode()
    page: Page[Conversation] = calls.list_conversations_page().decode(body)

    assert jsonable_encoder(page) == {"items": [SHAPE, SHAPE], "total_count": 2}
    assert S not in f"{page!r} {pretty_repr(page)} {pickle.dumps(page)!r}"


class TestFastApi:
    @pytest.fixture
    def app(self) -> Any:
        made = fastapi.FastAPI()

        @made.get("/plain")
        async def plain():  # type: ignore[no-untyped-def]  # noqa: ANN202 (as many people write it)
            return conversation()

        @made.get("/annotated")
        async def annotated() -> Conversation:
            return conversation()

        @made.get("/within")
        async def within() -> dict[str, Any]:
            return {"conversation": conversation(), "events": conversation().events, "draft": DRAFT}

        @made.get("/model")
        async def model() -> Guide:
            return Guide(conversation=conversation(), draft=DRAFT)

        @made.post("/draft")
        async def draft(body: Annotated[ConversationDraft, fastapi.Body()]) -> Any:
            return body

        return made

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/plain", SHAPE),
            ("/annotated", SHAPE),
            ("/within", {"conversation": SHAPE, "events": SHAPE["events"], "draft": DRAFT_SHAPE}),
            ("/model", {"conversation": SHAPE, "draft": DRAFT_SHAPE}),
        ],
    )
    async def test_it_answers_with_what_is_masked(self, app: Any, path: str, expected: Any) -> None:
        answer = await asgi.get(app, path)

        assert (answer.status, answer.json()) == (200, expected)

    def test_what_it_dumps_it_reads(self) -> None:
        with warnings.catch_warnings(action="ignore"):
            guide = Guide.model_validate(Guide(conversation=conversation()).model_dump())

        assert guide.conversation.to_dict(secrets=False) == SHAPE


INTERACTION: dict[str, Any] = {
    "interaction_id": "i1",
    "tool_call_id": "t1",
    "component": "canvas.text",
    "component_version": "v1",
    "type": "submit",
    "metadata": {"password": f"{S}-typed"},
}
WRONG_WITHIN: Any = DRAFT_BODY | {"properties": {"livekit_room_token": [S]}}
FAILURES: dict[str, Callable[[], object]] = {
    "an unknown argument": lambda: ConversationDraft(**DRAFT_BODY, greeting="x"),  # type: ignore[call-arg]
    "a wrong type": lambda: ConversationDraft.from_dict(DRAFT_BODY | {"chat": 5}),
    "a wrong type within": lambda: ConversationDraft(**WRONG_WITHIN),
    "no persona": lambda: calls.create_conversation({**DRAFT_BODY, "persona_id": None}),
    "a rule": lambda: calls.create_conversation({**DRAFT_BODY, "chat": True, "audio_only": True}),
    "a rule of a draft": lambda: calls.create_conversation(attrs.evolve(DRAFT, max_participants=1)),
    "a value that JSON has not": lambda: calls.create_conversation({**DRAFT_BODY, "llm": {1, 2}}),
    "no id": lambda: Conversation.from_dict({**BODY, "conversation_id": None}),
    "another name": lambda: conversation().pal_id,  # type: ignore[attr-defined]
    "no message": lambda: calls.send_app_message("c1", {"event_type": None, "token": S}),
    "a long message": lambda: calls.send_app_message("c1", {"event_type": "a", "token": S * 20_000}),
    "a message that JSON has not": lambda: calls.send_app_message("c1", {"event_type": "a", "token": S, "x": {1}}),
    "a message for nobody": lambda: calls.send_app_message("", {"event_type": "a", "token": S}),
    "a message of ours for nobody": lambda: calls.send_app_message("", interactions.ToolResult("t", {"token": S})),
    "an interaction for nobody": lambda: calls.record_canvas_interaction("", INTERACTION),
    "an interaction that JSON has not": lambda: calls.record_canvas_interaction("c1", INTERACTION | {"value": {1}}),
    "an interaction": lambda: calls.record_canvas_interaction("c1", {"interaction_id": "i", "metadata": {"token": S}}),
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_no_traceback_with_locals_shows_a_secret(fail: Callable[[], object]) -> None:
    with warnings.catch_warnings(action="ignore"):
        text = traceback_of(fail)

    assert "tavus_async" in text, "there are frames of ours"
    assert S not in text


PARTS = {
    "the whole callback URL": DRAFT_BODY["callback_url"],
    "its path and query": f"/{S}-in-the-path?token={S}-in-the-query",
    "its path": f"/{S}-in-the-path",
    "a part of its path": f"{S}-in-the-path",
    "its query": f"token={S}-in-the-query",
    "its token": f"{S}-in-the-query",
    "the meeting": DRAFT_BODY["meeting_url"],
    "its password": f"{S}-of-the-meeting",
    "the room's token": f"{S}-of-the-room",
    "the socket": f"{S}-of-the-socket",
}


def all_of(error: BaseException) -> str:
    """All that an error holds."""
    return f"{error} {error!r} {vars(error)} {error.args} {pickle.dumps(error)!r}"


def repeating(status: int, *texts: str) -> RawServer:
    """A server that refuses, and repeats something of the request in its words, in a list and as a name."""
    body = json.dumps({"error": f"cannot use {', '.join(texts)}!", "given": [texts, dict.fromkeys(texts, 1)]})
    return RawServer(always(body.encode(), status))


@pytest.mark.parametrize("repeated", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("status", [400, 500, 504])
async def test_no_error_shows_what_the_server_repeats_of_a_create(repeated: str, status: int) -> None:
    async with repeating(status, repeated) as server, quick_session(server) as session:
        for draft in (DRAFT, DRAFT_BODY):
            with pytest.raises((ApiError, AmbiguousOutcomeError), match=str(status)) as caught:
                await session.create_conversation(draft)
            assert S not in all_of(caught.value)

        assert json.loads(server.requests[0].body) == DRAFT_BODY


async def test_nor_do_tracebacks_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with repeating(400, *PARTS.values()) as server, quick_session(server) as session:
        with pytest.raises(BadRequestError) as caught:
            await session.create_conversation(DRAFT_BODY)
        with pytest.raises(BadRequestError) as entering:
            async with session.conversation(DRAFT_BODY):
                pass

    logged = [f"{record.getMessage()} {vars(record)}" for record in caplog.records if "tavus" in record.name]
    assert len(logged) > 1
    assert S not in shown_with_locals(caught.value)
    assert S not in shown_with_locals(entering.value)
    assert S not in "".join(logged)


async def test_words_of_a_link_that_are_no_secrets_are_left_in_errors() -> None:
    draft = {"persona_id": "p1", "callback_url": f"https://app.example/api/webhook?token={S}-in-the-query"}
    answer = always(words("Invalid webhook of app.example: api not found"), 400)
    async with RawServer(answer) as server, quick_session(server) as session:
        with pytest.raises(BadRequestError, match=r"Invalid webhook of app\.example: api not found"):
            await session.create_conversation(draft)


async def test_what_it_repeats_of_a_message_is_not_shown() -> None:
    message = interactions.ToolResult("t1", {"access_token": f"{S}-found", "note": "plain"})
    async with RawServer(always(words(f"bad {S}-found"), 400)) as server, quick_session(server) as session:
        for given in (message, message.to_dict(), {**message.to_dict(), "properties": {"x": Secret(f"{S}-found")}}):
            with pytest.raises(BadRequestError, match=r"bad \*\*\*") as caught:
                await session.send_app_message("c1", given)
            assert S not in all_of(caught.value) + shown_with_locals(caught.value)

        assert all(S in request.body.decode() for request in server.requests)


async def test_nor_is_what_it_repeats_of_an_interaction() -> None:
    async with RawServer(always(words(f"bad {S}-typed"), 400)) as server, quick_session(server) as session:
        with pytest.raises(BadRequestError, match=r"bad \*\*\*") as caught:
            await session.record_canvas_interaction("c1", INTERACTION)

    assert S not in all_of(caught.value) + shown_with_locals(caught.value)


async def test_a_conversation_that_was_created_hides_what_it_was_told() -> None:
    async with RawServer(always(CREATED)) as server, quick_session(server) as session:
        record = await session.create_conversation(DRAFT)

    assert vars(record) == SHAPE
    assert S not in repr(record)


@pytest.mark.parametrize("name", ["callback_url", "meeting_url"])
def test_a_link_that_was_shown_without_its_secret_is_not_sent(name: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"without its secret: {name}"):
        calls.create_conversation({"persona_id": "p1", name: DRAFT_SHAPE[name]})


def test_one_within_is_not_sent_either() -> None:
    properties: Any = {"livekit_ws_url": "wss://livekit.example?***"}
    with pytest.raises(InvalidRequestError, match=r"without its secret: properties\.livekit_ws_url"):
        calls.create_conversation(ConversationDraft(persona_id="p1", properties=properties))


def test_a_link_may_be_given_as_a_secret() -> None:
    url: Any = Secret(DRAFT_BODY["callback_url"])
    draft = ConversationDraft(persona_id="p1", callback_url=url)
    call = calls.create_conversation(draft)

    assert json.loads(call.body or b"")["callback_url"] == DRAFT_BODY["callback_url"]
    assert S not in f"{draft!r} {vars(draft)} {call!r}"
    masked: Any = Secret("***")
    with pytest.raises(InvalidRequestError, match="without its secret: callback_url"):
        calls.create_conversation(attrs.evolve(draft, callback_url=masked))


def test_a_masked_room_token_is_not_sent() -> None:
    shown = attrs.evolve(DRAFT, properties=ConversationProperties.from_dict({"livekit_room_token": "abc"}))
    call = calls.create_conversation(shown)

    assert json.loads(call.body or b"")["properties"] == {}
