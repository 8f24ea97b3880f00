"""Many personas through list pages: fewer requests, the same records, and nothing lost."""

import asyncio
import functools
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from tavus_async import AuthenticationError, BulkError, NotFoundError, Persona, Pool, Progress, RateLimit
from tavus_async._settings.arguments import default_concurrency
from tavus_async.sandbox import Answer, Faults, Sandbox
from tavus_async.sandbox.resources.personas.views import as_read
from tavus_async.sandbox.vocabulary import Vocabulary
from tests.support.decoding import decode_persona
from tests.support.loops import on_each_loop
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import Exchange, RawServer, words

Body = dict[str, Any]


def bodies_of(sandbox: Sandbox) -> dict[str, Body]:
    """What a GET of each persona gives."""
    return {key: as_read(sandbox.stored(key), Vocabulary.PERSONA) for key in sandbox.persona_ids}


def records(bodies: dict[str, Body], ids: Iterable[str]) -> list[Persona]:
    """The records of these ids."""
    return [record(json.dumps(bodies[key]), key) for key in ids]


@functools.cache
def record(body: str, persona_id: str) -> Persona:
    return decode_persona(body.encode(), persona_id=persona_id)


@attrs.define
class Account:
    """A server with these personas, whose pages tell of each what *told* makes of its body."""

    bodies: dict[str, Body]
    told: Callable[[Body], Body] = dict
    clamp: int = 100
    count: Callable[[int], int | None] = int
    """What it says its count is."""
    before_page: Callable[[int], object] = bool
    listed: list[int] = attrs.field(factory=list)
    got: list[str] = attrs.field(factory=list)

    async def __call__(self, exchange: Exchange) -> None:
        url = urlsplit(exchange.path)
        if url.path == "/v2/personas":
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            await self.list_(exchange, int(query["page"]), int(query["limit"]), query.get("persona_type"))
        else:
            key = url.path.rpartition("/")[2]
            self.got.append(key)
            found = key in self.bodies
            answer = json.dumps(self.bodies[key] if found else {"error": "Invalid persona_id"}).encode()
            await exchange.reply(answer, 200 if found else 400)

    async def list_(self, exchange: Exchange, page: int, limit: int, persona_type: str | None) -> None:
        limit = min(limit, self.clamp)
        self.listed.append(page)
        if persona_type == "system":
            await exchange.reply(b'{"data": [], "total_count": 0}')
            return
        self.before_page(page)
        bodies = list(self.bodies.values())[(page - 1) * limit : page * limit]
        answer = {"data": [self.told(body) for body in bodies], "total_count": self.count(len(self.bodies))}
        await exchange.reply(json.dumps(answer).encode())


@functools.cache
def generated(number: int) -> dict[str, Body]:
    return bodies_of(Sandbox(personas=number))


def account(number: int = 250, **settings: Any) -> Account:
    return Account(dict(generated(number)), **settings)


async def fetch(account: Account, ids: Iterable[str] | None = None, **settings: Any) -> list[Persona]:
    """Gets personas through the pages of the account, which must give what getting each would."""
    wanted = list(account.bodies) if ids is None else list(ids)
    bodies = dict(account.bodies)
    async with RawServer(account) as server, quick_session(server) as session:
        personas = await session.get_personas(wanted, prefer="list", **settings)
    assert personas == records(bodies, wanted)
    return personas


async def test_five_thousand_cost_at_most_sixty_requests() -> None:
    async with Sandbox(personas=5_000, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        personas = await session.get_personas(sandbox.persona_ids, prefer="list")

        assert sandbox.stats().total <= 60
        assert session.stats().requests == sandbox.stats().total
        assert tuple(persona.persona_id for persona in personas) == sandbox.persona_ids


async def test_every_record_is_the_one_that_a_get_gives() -> None:
    async with Sandbox(personas=250, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        through_pages = await session.get_personas(sandbox.persona_ids, prefer="list")
        requests = sandbox.stats().total
        one_by_one = await session.get_personas(sandbox.persona_ids)

        assert through_pages == one_by_one
        assert [p.to_dict() for p in through_pages] == [p.to_dict() for p in one_by_one]
        assert requests <= 60


async def test_by_default_each_is_got_by_itself() -> None:
    async with Sandbox(personas=30, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        await session.get_personas(sandbox.persona_ids)

        assert sandbox.stats().requests == {"get_persona": 30}


def no_layers(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "layers"}


def no_layers_of_echoes(body: Body) -> Body:
    return no_layers(body) if body.get("pipeline_mode") == "echo" else body


def only_names(body: Body) -> Body:
    return {name: value for name, value in body.items() if name.startswith("persona_")}


def short_prompts(body: Body) -> Body:
    return body | {"system_prompt": body["system_prompt"][:200]} if "system_prompt" in body else body


def plain_models(body: Body) -> Body:
    llm = body.get("layers", {}).get("llm", {})
    plain = {name: value for name, value in llm.items() if name not in {"headers", "extra_body"}}
    return body | {"layers": body["layers"] | {"llm": plain}} if llm else body


def other_names(body: Body) -> Body:
    return {name.replace("persona_", "pal_"): value for name, value in body.items()}


@pytest.mark.parametrize(
    "told", [no_layers, no_layers_of_echoes, only_names, short_prompts, plain_models, other_names, lambda body: {}]
)
async def test_what_pages_do_not_tell_is_got(told: Callable[[Body], Body]) -> None:
    reticent = account(150, told=told)
    personas = await fetch(reticent)

    assert [persona.persona_id for persona in personas] == list(reticent.bodies)
    assert reticent.got


async def test_pages_that_tell_all_are_enough() -> None:
    full = account()
    await fetch(full)

    assert len(full.listed) + len(full.got) <= 60


@pytest.mark.parametrize("count", [lambda n: None, lambda n: 0, lambda n: 1, lambda n: n // 2, lambda n: 10 * n])
async def test_a_count_that_is_wrong_loses_nothing_and_costs_little(count: Callable[[int], int | None]) -> None:
    lying = account(count=count)
    await fetch(lying)

    assert len(lying.listed) + len(lying.got) <= 250 + 40


async def test_a_server_that_gives_shorter_pages_is_read_to_the_end() -> None:
    short = account(clamp=50)
    await fetch(short)

    assert sorted(short.listed) == [1, 2, 3, 4, 5]
    assert len(short.got) <= 60


async def test_a_server_with_tiny_pages_is_not_read_through() -> None:
    tiny = account(clamp=1)
    await fetch(tiny)

    assert tiny.listed == [1, 1]
    assert len(tiny.got) == 250


async def test_few_ids_of_a_large_account_cost_about_a_request_each() -> None:
    async with Sandbox(personas=1_500, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        for number in (1, 9, 20, 100):
            before = sandbox.stats().total
            ids = sandbox.persona_ids[:: 1_500 // number][:number]
            assert [p.persona_id for p in await session.get_personas(ids, prefer="list")] == list(ids)

            assert sandbox.stats().total - before <= number + 2


@pytest.mark.parametrize("change", ["delete", "create"])
async def test_pages_that_shift_while_they_are_read_lose_nothing(change: str) -> None:
    shifting = account(600)
    ids = list(shifting.bodies)
    wanted = [*ids[:20], *ids[90:]]

    def shift(page: int) -> None:
        if page in {2, 4} and change == "delete":
            for key in ids[20 + 8 * page : 50 + 8 * page]:
                shifting.bodies.pop(key, None)
        elif page in {2, 4}:
            new = {f"new{page}{index}": {"persona_id": f"new{page}{index}"} for index in range(40)}
            shifting.bodies = new | shifting.bodies

    shifting.before_page = shift
    await fetch(shifting, wanted, concurrency=1)

    assert len(shifting.listed) + len(shifting.got) < len(wanted) / 2


async def test_personas_that_are_deleted_while_pages_are_read_are_not_found() -> None:
    shrinking = account(300)
    ids = list(shrinking.bodies)

    def shrink(page: int) -> None:
        for key in ids[250:260] if page == 3 else ():
            shrinking.bodies.pop(key, None)

    shrinking.before_page = shrink
    async with RawServer(shrinking) as server, quick_session(server) as session:
        with pytest.raises(BulkError, match="10 of 300") as caught:
            await session.get_personas(ids, prefer="list", concurrency=1)

    failed = [outcome for outcome in caught.value.outcomes if not outcome.ok]
    assert [outcome.key for outcome in failed] == ids[250:260]
    assert {type(outcome.error) for outcome in failed} == {NotFoundError}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=404, body={"message": "Not Found"}),
        Answer(status=400, body={"error": "Invalid request: limit must be at most 20"}),
        Answer(status=200, body={"data": {}}),
        Answer(status=200, body=b"<html>"),
        Answer(status=200, body={"data": [], "total_count": 0}),
    ],
    ids=["500", "404", "400", "no list", "no JSON", "empty"],
)
@pytest.mark.parametrize("good_pages", [0, 1])
async def test_where_pages_fail_each_is_got(answer: Answer, good_pages: int) -> None:
    async with Sandbox(personas=150, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        # Five attempts at each page, of each of the two types.
        sandbox.script(["ok" for _ in range(good_pages)])
        sandbox.script([answer] * (10 if answer.status >= 500 else 2))
        personas = await session.get_personas(sandbox.persona_ids, prefer="list", concurrency=1)

        assert personas == records(generated(150), sandbox.persona_ids)


async def test_pages_are_fetched_through_faults_like_anything_else() -> None:
    faults = Faults(error=0.1, reset=0.05, truncate=0.05, garble=0.02)
    async with Sandbox(personas=400, api_key=KEY, faults=faults) as sandbox, quick_session(sandbox) as session:
        personas = await session.get_personas(sandbox.persona_ids, prefer="list")

        assert [persona.persona_id for persona in personas] == list(sandbox.persona_ids)


async def test_duplicates_and_strangers_have_their_places() -> None:
    async with Sandbox(personas=100, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        ids = [*sandbox.persona_ids, sandbox.persona_ids[3], "p0000000", "p0000000"]
        with pytest.raises(BulkError, match="2 of 103") as caught:
            await session.get_personas(ids, prefer="list")

        outcomes = caught.value.outcomes
        assert [outcome.key for outcome in outcomes] == ids
        assert [outcome.ok for outcome in outcomes] == [True] * 101 + [False] * 2
        assert outcomes[3].value == outcomes[100].value
        assert sandbox.stats().total <= 40


async def test_a_wrong_key_is_met_early() -> None:
    async with Sandbox(personas=300) as sandbox, quick_session(sandbox) as session:
        with pytest.raises(BulkError) as caught:
            await session.get_personas(sandbox.persona_ids, prefer="list", concurrency=4)

        assert {type(outcome.error) for outcome in caught.value.outcomes} == {AuthenticationError}
        assert len(caught.value.outcomes) == 300
        assert sandbox.stats().total <= 1 + 4


async def test_progress_counts_what_the_pages_held() -> None:
    told: list[Progress] = []
    async with Sandbox(personas=300, api_key=KEY) as sandbox, quick_session(sandbox) as session:
        await session.get_personas(sandbox.persona_ids, prefer="list", on_progress=told.append)
        with pytest.raises(BulkError):
            await session.get_personas([*sandbox.persona_ids, "p0"], prefer="list", on_progress=told.append)

    counted = [(progress.done, progress.failed, progress.total) for progress in told]
    assert {total for _, _, total in counted} <= {None, 300, 301}
    assert counted.count((300, 0, 300)) == 1
    assert [(done, failed) for done, failed, total in counted if total == 301][-1] == (301, 1)
    assert [done for done, _, total in counted if total == 300] == sorted(
        {*range(301)} & {d for d, _, t in counted if t == 300}
    )


@pytest.mark.parametrize("ordered", [False, True])
async def test_outcomes_come_once_each_in_the_order_that_was_asked_for(ordered: bool) -> None:
    full = account(1_200)
    ids = [*full.bodies, *list(full.bodies)[:3]]
    async with RawServer(full) as server, quick_session(server) as session:
        outcomes = session.iter_personas(iter(ids), prefer="list", ordered=ordered)
        keys = [outcome.key async for outcome in outcomes]

    assert (keys if ordered else sorted(keys)) == (ids if ordered else sorted(ids))


async def test_what_stands_on_pages_comes_while_others_are_read() -> None:
    full, go_on = account(2_000), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        if "page=15&" in exchange.path or exchange.path.endswith("page=15"):
            await go_on.wait()
        await full(exchange)

    told: list[Progress] = []
    async with RawServer(answer) as server, quick_session(server) as session, asyncio.timeout(10):
        outcomes = session.iter_personas(list(full.bodies), prefer="list", on_progress=told.append)
        early = [(await anext(outcomes)).key for _ in range(300)]
        go_on.set()
        late = [outcome.key async for outcome in outcomes]

    assert sorted([*early, *late]) == sorted(full.bodies)
    assert (300, 2_000) in [(progress.done, progress.total) for progress in told]
    assert len(full.listed) + len(full.got) <= 60


async def test_who_takes_nothing_stops_the_reading_of_pages() -> None:
    full = account(2_000)
    async with RawServer(full) as server, quick_session(server) as session:
        outcomes = session.iter_personas(list(full.bodies), prefer="list", concurrency=2)
        await anext(outcomes)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(full.listed) <= 11
        await outcomes.aclose()


@on_each_loop
async def test_a_caller_that_gives_up_leaves_nothing() -> None:
    async with Sandbox(personas=600, api_key=KEY, faults=Faults(latency=0.05)) as sandbox:
        others = asyncio.all_tasks()
        async with quick_session(sandbox, pool=Pool(connections=2)) as session:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.12):
                    await session.get_personas(sandbox.persona_ids, prefer="list", concurrency=2)
            assert (session.stats().waiting, session.stats().in_flight) == (0, 0)
            ours = {task for task in asyncio.all_tasks() - others if "tavus_async/_" in repr(task.get_coro())}
            assert ours == set()


@pytest.mark.parametrize(
    ("limit", "connections", "workers"),
    [
        (RateLimit(10, burst=10), 100, 30),
        (RateLimit(0.1, burst=1), 100, 2),
        (RateLimit(1_000, burst=100), 100, 100),
        (RateLimit(10, burst=10), 4, 4),
    ],
)
def test_workers_are_as_many_as_keep_up_with_the_rate(limit: RateLimit, connections: int, workers: int) -> None:
    assert default_concurrency(limit, Pool(connections=connections)) == workers


def test_of_a_limiter_of_ones_own_nothing_is_known() -> None:
    class Free:
        async def acquire(self) -> None: ...

        def throttled(self, retry_after: float | None) -> None: ...

    assert default_concurrency(Free(), Pool(connections=17)) == 17


async def test_by_default_a_slow_rate_has_few_workers() -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.reply(words("no"), 403)

    async with RawServer(answer) as server, quick_session(server, rate_limit=RateLimit(3, burst=1)) as session:
        outcomes = session.iter_personas(f"p{index}" for index in range(1_000))
        await anext(outcomes)
        assert 1 + session.stats().waiting + session.stats().in_flight <= 1 + 7
        await outcomes.aclose()
