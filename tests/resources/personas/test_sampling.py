"""Pages are relied on only as far as they tell what getting each persona would."""

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any, TypeVar

import pytest

from tavus_async import Call, NotFoundError, Outcome, Page, Persona
from tavus_async.resources.personas.paging import PageReader
from tavus_async.resources.personas.sampling import LEAST_SAMPLES, MOST_REQUESTS, count_samples
from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.resources.personas.views import as_read
from tavus_async.sandbox.vocabulary import Vocabulary
from tests.support.decoding import decode_persona

T = TypeVar("T")
Body = dict[str, Any]


async def each(items: Iterable[T]) -> AsyncIterator[T]:
    for item in items:
        yield item


def told_in_full(body: Body) -> Body:
    return body


class Account:
    """An account whose list tells of each persona what *told* makes of its body."""

    def __init__(self, bodies: Iterable[Body], told: Callable[[Body], Body] = told_in_full) -> None:
        self.bodies = {body["persona_id"]: body for body in bodies}
        self.told = told
        self.got: list[str] = []
        self.pages = 0
        self.listed: list[Persona] = []

    async def harvest(self, *, pages_before: int = 0) -> dict[str, Persona]:
        """What is taken from the pages, which must be what getting it gives."""
        pages = [self.read(self.told(deepcopy(body))) for body in self.bodies.values()]

        self.listed = pages
        found: dict[str, Persona] = {}
        reader = PageReader(send_each=self.send_each, missing=set(self.bodies))
        reader.pages = pages_before
        async for more in reader.find():
            assert not found.keys() & more
            found |= more
        assert [each for each in found if found[each] != got(json.dumps(self.bodies[each]), each)] == []
        return found

    def send_each(self, make_call: Callable[[str], Call[Any]], keys: Iterable[str]) -> Any:
        """What a session's `send_each` gives, without a session."""
        return self.outcomes(make_call, keys)

    @asynccontextmanager
    async def outcomes(self, make_call: Callable[[str], Call[Any]], keys: Iterable[str]) -> AsyncIterator[Any]:
        asked = [make_call(key) for key in keys]
        if asked and asked[0].query:
            yield each(self.read_page(dict(call.query)) for call in asked)
        else:
            yield each(await self.get([call.path.rpartition("/")[2] for call in asked]))

    def read_page(self, query: dict[str, str]) -> Outcome[Page[Persona]]:
        page, size = int(query["page"]), int(query["limit"])
        items = self.listed if query["persona_type"] == "user" else []
        self.pages += 1
        found = Page(items=tuple(items[(page - 1) * size : page * size]), total_count=len(items))
        return Outcome(key=query["page"], value=found)

    async def get(self, ids: list[str]) -> list[Outcome[Persona]]:
        """What getting each gives."""
        assert len(ids) == len(set(ids))
        self.got += ids
        return [Outcome(key=persona_id, value=self.read(self.bodies[persona_id])) for persona_id in ids]

    @staticmethod
    def read(body: Body) -> Persona:
        return decode_persona(json.dumps(body).encode(), persona_id=body["persona_id"])


@functools.cache
def got(body: str, persona_id: str) -> Persona:
    """What getting a persona gives, that many tests have."""
    return decode_persona(body.encode(), persona_id=persona_id)


@functools.cache
def varied(number: int) -> tuple[Body, ...]:
    """Personas as a sandbox has them: of every kind."""
    sandbox = Sandbox(personas=number)
    return tuple(as_read(sandbox.stored(persona_id), Vocabulary.PERSONA) for persona_id in sandbox.persona_ids)


def alike(number: int) -> list[Body]:
    """Personas that one program has made."""
    return [
        {
            "persona_id": f"p{index}",
            "persona_name": f"Number {index}",
            "system_prompt": "Be brief. " * (1 + index % 7),
            "pipeline_mode": "full",
            "layers": {"llm": {"model": "tavus-gpt-oss"}, "tts": {"tts_engine": "cartesia"}},
        }
        for index in range(number)
    ]


def partly_custom(number: int) -> list[Body]:
    """The same, but every fourth has a model of its own."""
    bodies = alike(number)
    for body in bodies[::4]:
        own = {"base_url": "https://models.example.com/v1", "headers": {"x": "y"}, "extra_body": {"top_p": 1}}
        body["layers"]["llm"] |= own
    return bodies


def without(*path: str, where: Callable[[Body], bool] = bool) -> Callable[[Body], Body]:
    """What leaves a field out, of all personas or of some."""

    def told(body: Body) -> Body:
        holder: Any = body
        for name in path[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        if where(body) and isinstance(holder, dict):
            holder.pop(path[-1], None)
        return body

    return told


@pytest.mark.parametrize("number", [10, 99, 400])
async def test_of_pages_that_tell_all_only_samples_are_got(number: int) -> None:
    account = Account(alike(number))
    found = await account.harvest()

    assert set(found) == set(account.bodies)
    assert len(account.got) == count_samples(number, pages=account.pages)
    assert account.pages + len(account.got) < number + 2


async def test_personas_of_every_kind_are_taken_from_pages_that_tell_all() -> None:
    account = Account(varied(300))

    assert set(await account.harvest()) == set(account.bodies)
    assert account.pages + len(account.got) <= MOST_REQUESTS


@pytest.mark.parametrize(
    ("personas", "pages", "samples"), [(3, 1, 3), (20, 1, 8), (100, 1, 20), (5_000, 51, 8), (50_000, 500, 83)]
)
def test_samples_are_many_where_pages_are_few(personas: int, pages: int, samples: int) -> None:
    assert count_samples(personas, pages=pages) == samples


FIELDS = [
    ("persona_name",),
    ("system_prompt",),
    ("pipeline_mode",),
    ("context",),
    ("greeting",),
    ("default_replica_id",),
    ("document_ids",),
    ("objectives_id",),
    ("tool_ids",),
    ("memories",),
    ("created_at",),
    ("updated_at",),
    ("layers",),
    ("layers", "llm"),
    ("layers", "tts"),
    ("layers", "perception"),
    ("layers", "conversational_flow"),
    ("layers", "llm", "tools"),
    ("layers", "tts", "voice_settings"),
    ("layers", "tts", "voice_settings", "speed"),
]


@pytest.mark.parametrize("path", FIELDS, ids=".".join)
async def test_a_field_that_pages_leave_out_is_got(path: tuple[str, ...]) -> None:
    account = Account(varied(250), without(*path))
    found = await account.harvest()

    assert set(found) == set(account.got)


@pytest.mark.parametrize("path", [("system_prompt",), ("layers",), ("layers", "tts"), ("layers", "llm", "model")])
async def test_a_field_that_the_page_leaves_out_of_a_single_persona_is_got(path: tuple[str, ...]) -> None:
    account = Account(alike(200), without(*path, where=lambda body: body["persona_id"] == "p123"))

    assert (await account.harvest())["p123"] == account.read(account.bodies["p123"])


@pytest.mark.parametrize("path", [("layers",), ("system_prompt",), ("default_replica_id",)])
async def test_a_kind_of_persona_that_occurs_once_is_got(path: tuple[str, ...]) -> None:
    bodies = varied(300)
    whole = next(body for body in bodies[150:] if body.get("system_prompt") and body.get("default_replica_id"))
    account = Account(bodies, without(*path, where=lambda body: body["persona_id"] == whole["persona_id"]))
    await account.harvest()

    assert whole["persona_id"] in account.got


@pytest.mark.parametrize("path", [("layers",), ("system_prompt",), ("layers", "tts")])
async def test_what_only_later_pages_leave_out_is_got(path: tuple[str, ...]) -> None:
    late = {f"p{index}" for index in range(1_700, 2_500)}
    account = Account(alike(2_500), without(*path, where=lambda body: body["persona_id"] in late))
    found = await account.harvest()

    assert len(found) >= 1_000
    assert late & set(found) <= set(account.got)


async def test_kinds_that_are_rare_and_were_not_sampled_are_not_relied_on() -> None:
    odd = {f"odd{index}" for index in range(20)}
    bodies = [*alike(1_000), *({"persona_id": name, name: "so many kinds of its own"} for name in odd)]
    account = Account(bodies)
    # As many pages as these leave few samples.
    kept = await account.harvest(pages_before=MOST_REQUESTS)

    assert len(account.got) == (MOST_REQUESTS + account.pages) // 6
    assert set(account.bodies) - set(kept) == odd - set(account.got)
    assert odd - set(account.got)


@pytest.mark.parametrize(
    "where",
    [
        lambda body: body.get("pipeline_mode") == "echo",
        lambda body: "greeting" in body,
        lambda body: int(body["persona_id"][-3:], 36) % 3 == 0,
    ],
    ids=["echo", "with a greeting", "every third"],
)
@pytest.mark.parametrize("name", ["layers", "default_replica_id"])
async def test_a_field_that_pages_leave_out_of_some_kinds_is_got(name: str, where: Callable[[Body], bool]) -> None:
    account = Account(varied(300), without(name, where=where))
    found = await account.harvest()

    kept_back = {key for key, body in account.bodies.items() if name in body and where(body)}
    assert kept_back
    assert kept_back & found.keys() <= set(account.got)


@pytest.mark.parametrize("longest", [0, 10, 40])
async def test_a_text_that_pages_cut_short_is_got(longest: int) -> None:
    def told(body: Body) -> Body:
        return body | {"system_prompt": body["system_prompt"][:longest]}

    account = Account(alike(200), told)

    assert set(await account.harvest()) == set(account.got)


@pytest.mark.parametrize("name", ["headers", "extra_body"])
async def test_custom_models_are_got_where_pages_leave_out_what_the_documented_list_does(name: str) -> None:
    account = Account(partly_custom(200), without("layers", "llm", name))
    found = await account.harvest()

    assert set(found) - set(account.got) == {f"p{index}" for index in range(200) if index % 4} - set(account.got)


async def test_custom_models_are_taken_from_pages_that_tell_all_of_them() -> None:
    account = Account(partly_custom(200))

    assert len(await account.harvest()) == 200


async def test_custom_models_are_not_relied_on_where_no_page_shows_that_it_tells_their_headers() -> None:
    bodies = partly_custom(200)
    for body in bodies[8::4]:
        del body["layers"]["llm"]["headers"]
    account = Account(bodies, without("layers", "llm", "headers"))
    found = await account.harvest()

    assert {f"p{index}" for index in range(0, 200, 4)} & set(found) <= set(account.got)
    assert {f"p{index}" for index in range(200) if index % 4} <= set(found)


@pytest.mark.parametrize("path", [("layers", "llm", "base_url"), ("layers", "llm"), ("layers",)])
async def test_other_gaps_in_custom_models_count_as_any_gap(path: tuple[str, ...]) -> None:
    account = Account(partly_custom(200), without(*path))

    assert set(await account.harvest()) <= set(account.got)


async def test_pages_that_are_behind_the_times_are_not_relied_on() -> None:
    account = Account(alike(200), lambda body: body | {"updated_at": "2026-01-01T00:00:00Z"})
    for body in account.bodies.values():
        body["updated_at"] = "2026-01-02T00:00:00Z"

    assert set(await account.harvest()) == set(account.got)


async def test_what_is_got_counts_where_it_is_gone_since() -> None:
    class Shrinking(Account):
        async def get(self, ids: list[str]) -> list[Outcome[Persona]]:
            gone = NotFoundError("Invalid persona_id", status=400)
            outcomes = await super().get(ids)
            return [Outcome(key=ids[0], error=gone), *outcomes[1:]]

    account = Shrinking(alike(50))
    found = await account.harvest()

    assert set(account.bodies) - set(found) == {account.got[0]}


@pytest.mark.parametrize("layers", [None, 5, "none", [], {}, {"llm": 5}, {"llm": None}, {"llm": {"base_url": 7}}])
async def test_personas_of_any_shape_can_be_compared(layers: Any) -> None:
    bodies = [body | {"layers": layers} for body in alike(40)]

    assert await Account(bodies).harvest()
    # Here the pages and what is got differ, for custom models and others.
    await Account(alike(40), lambda body: body | {"layers": layers}).harvest()


async def test_few_ids_are_got_without_looking_at_pages() -> None:
    account = Account(alike(LEAST_SAMPLES))

    assert await account.harvest() == {}
    assert (account.pages, account.got) == (0, [])


async def test_other_tasks_run_while_thousands_are_compared() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    await Account(alike(2_000)).harvest()
    counting.cancel()

    assert turns > 30
