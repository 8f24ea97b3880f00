"""Over every fault: neither the key nor a secret inside a persona shows, wherever one looks."""

import asyncio
import contextlib
import gc
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import attrs
import pytest

from tavus_async import AsyncSession, Layers, LlmLayer, PersonaDraft, Pool, RetryPolicy, TavusError, Timeouts, patch
from tests.faults import rig
from tests.faults.cases import CASES, MAX_BODY, Case
from tests.faults.rig import Fault, Rig
from tests.support.quick import KEY, NO_LIMIT
from tests.support.raw_server import Exchange

# Globals on purpose: the locals of these tests are looked through too.
LLM_KEY = "llm-5ecret-a1b2"
HEADER = "header-5ecret-c3d4"
PROMPT = "You-are-a-5ecret-agent"
SECRETS = (KEY, LLM_KEY, HEADER)
DRAFT = PersonaDraft(
    persona_name="Ada",
    system_prompt=PROMPT,
    layers=Layers(llm=LlmLayer(model="m", api_key=LLM_KEY, headers={"authorization": HEADER})),
)
PERSONA = {
    "persona_id": "p1",
    "system_prompt": PROMPT,
    "layers": {"llm": {"model": "m", "api_key": LLM_KEY, "headers": {"authorization": HEADER}}},
}

Use = Callable[[AsyncSession], Coroutine[Any, Any, object]]
USES: dict[str, Use] = {
    "read": lambda session: session.get_persona("p1"),
    "create": lambda session: session.create_persona(DRAFT),
    "patch": lambda session: session.patch_persona("p1", [patch.replace("/layers/llm/api_key", LLM_KEY)]),
    "bulk": lambda session: session.get_personas(["p1", "p2"]),
}


async def telling(exchange: Exchange) -> None:
    """The answer of a server that keeps nothing to itself: the key, the request, and a persona's secrets."""
    body = json.dumps({"message": f"{KEY}", "you_sent": exchange.body.decode(), "persona": "…"}).encode()
    await exchange.reply(body, 400)


async def cut_within_secrets(exchange: Exchange) -> None:
    body = json.dumps(PERSONA).encode()
    await exchange.send(rig.with_length(body)[:-5])
    exchange.close()


OWN = {
    "well": rig.says(rig.with_length(json.dumps(PERSONA).encode())),
    "telling": telling,
    "cut": cut_within_secrets,
    "half": rig.says(rig.with_length(json.dumps(PERSONA).encode()[:-5])),
    "no-id": rig.says(rig.with_length(json.dumps({"x": PERSONA}).encode())),
}
FAULTS = {case.name: case for case in CASES} | {
    name: attrs.evolve(CASES[0], name=name, fault=Fault(answer=answer)) for name, answer in OWN.items()
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it hangs on."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            waiting += [link.__cause__, link.__context__]
            yield link


def shown(error: TavusError) -> str:
    """All that shows of an error."""
    texts = [str(pickle.dumps(error))]
    for link in chain(error):
        texts += [repr(link), str(link), repr(vars(link))]
        texts += traceback.TracebackException.from_exception(link, capture_locals=True).format()
    return "\n".join(texts)


def recorded(records: list[logging.LogRecord]) -> str:
    """All that shows of log records."""
    return "\n".join(f"{logging.Formatter().format(record)} {record.args!r} {vars(record)!r}" for record in records)


async def provoke(case: Case, use: Use) -> str:
    """Let a call meet a fault, and return all that can be seen of it afterwards."""
    timeouts = Timeouts(connect=10, read=0.05, attempt=0.1) if case.hurried else Timeouts(connect=10)
    retry = RetryPolicy(attempts=2, base_delay=0)
    texts: list[str] = []
    async with Rig() as server:
        session = AsyncSession(
            KEY, base_url=server.url, rate_limit=NO_LIMIT, retry=retry, timeouts=timeouts, pool=Pool(max_body=MAX_BODY)
        )
        await server.misbehave(case.fault)
        try:
            texts.append(repr(await use(session)))
        except TavusError as error:
            texts.append(shown(error))
        texts += [repr(session), repr(session.stats())]
        await session.aclose()
    return "\n".join(texts)


@contextlib.contextmanager
def overheard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check what is logged at DEBUG, by anybody, and what is warned of."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
        gc.collect()
    seen = recorded(caplog.records) + "\n".join(f"{warning.message!r} {warning.source!r}" for warning in warned)
    assert [secret for secret in SECRETS if secret in seen] == []
    assert PROMPT not in recorded([record for record in caplog.records if record.name.startswith("tavus_async")])


@pytest.mark.parametrize("use", ["read", "create"])
def test_no_fault_makes_anything_show_a_secret(caplog: pytest.LogCaptureFixture, use: str) -> None:
    with overheard(caplog):
        for case in FAULTS.values():
            seen = asyncio.run(provoke(case, USES[use]))
            assert [secret for secret in SECRETS if secret in seen] == [], case.name


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("fault", OWN)
def test_no_answer_makes_anything_show_a_secret_even_where_asyncio_debugs(
    caplog: pytest.LogCaptureFixture, fault: str, use: str
) -> None:
    with overheard(caplog):
        loop = asyncio.new_event_loop()
        loop.slow_callback_duration = 0
        with asyncio.Runner(debug=True, loop_factory=lambda: loop) as runner:
            seen = runner.run(provoke(FAULTS[fault], USES[use]))

    assert [secret for secret in SECRETS if secret in seen] == []
    assert caplog.records
