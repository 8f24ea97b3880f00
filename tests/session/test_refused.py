"""What is refused before anything is sent: the error is ours, and shows no secret, not in its traceback's locals."""

import asyncio
import pickle
import traceback
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import attrs
import pytest

from tavus_async import (
    AsyncSession,
    BulkError,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    Layers,
    LlmLayer,
    Outcome,
    Outcomes,
    Persona,
    PersonaDraft,
    Pool,
    RetryPolicy,
    TtsLayer,
    calls,
    patch,
)
from tavus_async._http.proxy import find_proxy
from tests.support.quick import KEY
from tests.support.tracebacks import shown_with_locals

# Globals on purpose: the locals of these tests are looked through too.
LLM_KEY = "llm-5ecret-a1b2"
HEADER = "header-5ecret-c3d4"
VOICE_KEY = "tts-5ecret-e5f6"
SECRETS = (KEY, LLM_KEY, HEADER, VOICE_KEY)
LAYERS = Layers(
    llm=LlmLayer(model="m", api_key=LLM_KEY, headers={"authorization": HEADER}), tts=TtsLayer(api_key=VOICE_KEY)
)
NO_JSON = {"unknown": float("nan")}
DRAFT = PersonaDraft(persona_name="Ada", system_prompt="You are Ada.", layers=LAYERS)
BEFORE = Persona(persona_id="p1")
DOCUMENTS = ({"unknown": [1]}, {"unknown": [float("nan")], "api_key": LLM_KEY})

BODY = {"layers": {"llm": {"api_key": LLM_KEY, "headers": {"authorization": HEADER}}}}
WRONG_BODY = BODY | {"persona_name": 5}
OPERATIONS = [{"op": "add", "path": "/layers/llm/api_key", "value": LLM_KEY}, {"op": "add", "path": "no-pointer"}]

Use = Callable[[AsyncSession], Coroutine[Any, Any, object]]
REFUSED: dict[str, Use] = {
    "a create": lambda session: session.create_persona(attrs.evolve(DRAFT, extra=NO_JSON)),
    "a create without a prompt": lambda session: session.create_persona(attrs.evolve(DRAFT, system_prompt=None)),
    "a create of a mapping": lambda session: session.create_persona(BODY),
    "a create of a mapping with a wrong type": lambda session: session.create_persona(WRONG_BODY),
    "a patch of mappings": lambda session: session.patch_persona("p1", OPERATIONS),
    "a patch of one mapping": lambda session: session.patch_persona("p1", OPERATIONS[0]),  # type: ignore[arg-type]
    "a patch": lambda session: session.patch_persona(
        "p1", [patch.add("/layers/llm/api_key", LLM_KEY), patch.add("/context", float("nan"))]
    ),
    "a patch of no persona": lambda session: session.patch_persona("..", [patch.add("/layers/llm/api_key", LLM_KEY)]),
    "an update": lambda session: session.update_persona(BEFORE, Persona(persona_id="p1", layers=LAYERS, extra=NO_JSON)),
    "an update of what is there": lambda session: session.update_persona(
        Persona(persona_id="p1", layers=LAYERS, extra={"unknown": []}),
        Persona(persona_id="p1", layers=LAYERS, extra={"unknown": [float("nan")]}),
    ),
    "an update with a wrong type": lambda session: session.update_persona(
        BEFORE,
        Persona(persona_id="p1", layers=LAYERS, greeting=5),  # type: ignore[arg-type]
    ),
    "an update of two personas": lambda session: session.update_persona(
        BEFORE, Persona(persona_id="p2", layers=LAYERS)
    ),
}


@pytest.mark.parametrize("use", REFUSED.values(), ids=list(REFUSED))
def test_a_refused_write_shows_no_secret(use: Use) -> None:
    session = AsyncSession(KEY)
    with pytest.raises(InvalidRequestError) as caught:
        asyncio.run(use(session))
    lines = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())

    assert "use = <function" in lines, "locals are looked through"
    assert [secret for secret in SECRETS if secret in lines] == []


def test_documents_that_cannot_be_compared_do_not_show() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        patch.diff(*DOCUMENTS)
    lines = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())

    assert "cannot be compared" in lines
    assert LLM_KEY not in lines


@pytest.mark.parametrize(
    "make", [lambda: patch.add("no-pointer", 1), lambda: Pool(insecure_hosts="one.test")], ids=["operation", "pool"]
)
def test_what_is_refused_as_it_is_made_can_be_shown_in_a_traceback(make: Callable[[], object]) -> None:
    with pytest.raises((InvalidRequestError, ConfigurationError)) as caught:
        make()

    # Python 3.11 takes the repr of each local as it is.
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert "must be" in "".join(lines)


@pytest.mark.parametrize(
    "host", ["a..test", ".test", "a" * 64 + ".test", "xn--a.test", "xn---.test"], ids=lambda host: host[:9]
)
def test_a_host_that_no_name_server_can_know_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="base URL"):
        AsyncSession(KEY, base_url=f"https://{host}/v2")


async def test_a_name_that_cannot_be_asked_for_is_a_connection_that_was_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: object, **__: object) -> object:
        raise UnicodeEncodeError("idna", "a..test", 0, 1, "label empty or too long")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refuse)
    async with AsyncSession(KEY, base_url="https://a.test", retry=RetryPolicy(attempts=1)) as session:
        with pytest.raises(ConnectError, match="its host is no valid name"):
            await session.get_persona("p1")


@pytest.mark.parametrize(
    ("named", "used"),
    [("proxy.test:3128", "http://proxy.test:3128"), ("ada:word@proxy.test", "http://ada:word@proxy.test"), ("", None)],
)
def test_the_environment_may_name_a_proxy_without_its_scheme(
    monkeypatch: pytest.MonkeyPatch, named: str, used: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", named)

    assert find_proxy(Pool(), "https://tavusapi.com") == used


@pytest.mark.parametrize("named", ["socks5://ada:word@proxy.test", "http://", "http://ada:word@[", "http://p.test:x"])
def test_a_proxy_of_the_environment_that_cannot_be_used_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", named)

    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be") as caught:
        find_proxy(Pool(), "https://tavusapi.com")
    assert "word" not in str(caught.value)


@pytest.mark.parametrize("given", [f'{{"api_key": "{LLM_KEY}"}}', LLM_KEY.encode(), [LLM_KEY], {LLM_KEY}], ids=type)
def test_what_is_given_as_a_draft_and_is_none_is_not_shown(given: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^draft must be a PersonaDraft") as caught:
        calls.create_persona(given)
    frames = list(traceback.walk_tb(caught.value.__traceback__))[1:]

    assert frames
    assert LLM_KEY not in repr([frame.f_locals for frame, _ in frames])


def test_documents_whose_names_are_no_texts_cannot_be_compared() -> None:
    documents: Any = ({1: "a"}, {2: "a"})
    with pytest.raises(InvalidRequestError, match="a name is no text"):
        patch.diff(*documents)


MISPLACED: dict[str, Use] = {
    "an id": lambda session: session.get_persona(KEY),
    "an id in a run": lambda session: _first_error(session.iter_personas([KEY])),
    "an id that is waited for": lambda session: session.wait_for_events(KEY, timeout=1),
    "a kind": lambda session: session.wait_for_events("c1", KEY, timeout=1),
    "a page": lambda session: session.list_personas_page(page=KEY),  # type: ignore[arg-type]
    "a page's size": lambda session: anext(session.list_personas(page_size=KEY)),  # type: ignore[arg-type]
    "a filter": lambda session: session.list_personas_page(persona_type=KEY),
    "a timeout": lambda session: session.get_persona("p1", timeout=KEY),  # type: ignore[arg-type]
    "a name": lambda session: session.create_persona({"persona_name": KEY, "system_prompt": "x"}),
    "a pointer": lambda session: session.patch_persona("p1", [{"op": "remove", "path": KEY}]),
    "a query": lambda session: session.send(calls.Call.json("GET", "/v2/x", query={"a": KEY})),
    "a path": lambda session: session.send_raw(calls.Call.json("GET", f"/v2/{KEY}")),
    "a call": lambda session: session.send(KEY),  # type: ignore[arg-type]
}


async def _first_error(outcomes: Outcomes[Persona]) -> None:
    async for outcome in outcomes:
        outcome.unwrap()


@pytest.mark.parametrize("use", MISPLACED.values(), ids=list(MISPLACED))
async def test_a_key_in_the_wrong_place_is_neither_sent_nor_shown(use: Use, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with AsyncSession(KEY, base_url="http://127.0.0.1:9") as session:
        with pytest.raises(InvalidRequestError) as caught:
            await use(session)

        assert session.stats().requests == 0
    error = caught.value
    # But those of a run, where the key is that of an outcome.
    frames = "" if use is MISPLACED["an id in a run"] else shown_with_locals(error)
    assert KEY not in str(error) + repr(error) + frames + caplog.text + repr(pickle.dumps(error))


@pytest.mark.parametrize(
    "make",
    [
        lambda: AsyncSession("k", base_url=KEY),
        lambda: AsyncSession("k", vocabulary=KEY),  # type: ignore[arg-type]
        lambda: AsyncSession("k", cache_ttl=KEY),  # type: ignore[arg-type]
        lambda: AsyncSession("k").with_options(lane=KEY),  # type: ignore[arg-type]
        lambda: RetryPolicy(attempts=KEY),  # type: ignore[arg-type]
        lambda: Pool(insecure_hosts=KEY),
        lambda: patch.add(KEY, 1),
        lambda: calls.Call.json(KEY, "/v2/x"),
    ],
)
def test_nor_is_one_in_the_place_of_a_setting_or_an_operation(make: Callable[[], object]) -> None:
    with pytest.raises((InvalidRequestError, ConfigurationError)) as caught:
        make()

    assert KEY not in str(caught.value) + shown_with_locals(caught.value)


class Unshowable:
    def __repr__(self) -> str:
        raise OSError

    __str__ = __repr__


async def test_a_value_that_cannot_show_itself_is_refused_like_any_other() -> None:
    bad: Any = Unshowable()
    async with AsyncSession("k", base_url="http://127.0.0.1:9") as session:
        for use in (
            session.get_persona(bad),
            session.list_personas_page(page=bad),
            session.get_persona("p1", timeout=bad),
            session.end_conversations(older_than=bad),
            session.patch_persona("p1", [patch.Operation("add", "/x", {"a": bad})]),
        ):
            with pytest.raises(InvalidRequestError):
                await use
        with pytest.raises(BulkError, match="persona_id must be a string"):
            await session.get_personas([bad])
        wrong: dict[str, Any]
        for wrong in ({"look_up": 5}, {"ordered": bad}):
            with pytest.raises(InvalidRequestError):
                session.send_each(calls.get_persona, ["p1"], **wrong)
        assert session.stats().requests == 0


async def test_a_negative_age_ends_no_conversation() -> None:
    async with AsyncSession("k", base_url="http://127.0.0.1:9") as session:
        with pytest.raises(InvalidRequestError, match="older_than must be seconds from 0 up"):
            await session.end_conversations(older_than=-timedelta(days=1))


def test_the_first_failure_is_named_by_an_id_alone() -> None:
    error = ConnectError("refused")
    messages = [str(BulkError([Outcome(key=key, error=error)])) for key in ("p1", {"api_key": LLM_KEY}, Unshowable())]

    assert messages == [
        "1 of 1 items failed; the first, p1: refused",
        "1 of 1 items failed; the first: refused",
        "1 of 1 items failed; the first: refused",
    ]
