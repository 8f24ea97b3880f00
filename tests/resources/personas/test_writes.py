"""Patching and deleting personas over real sockets, and what reads make of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    BadRequestError,
    ConflictError,
    ConnectionLostError,
    InvalidRequestError,
    NotFoundError,
    ServerError,
    Timeouts,
    UnprocessableError,
    patch,
)
from tavus_async.sandbox import Answer
from tests.support.ada import ADA, BODY, as_pal, sandbox_with
from tests.support.quick import quick_session
from tests.support.raw_server import Answer as RawAnswer, Exchange, RawServer, always, close, in_turn, reset, words

SHORT = Timeouts(attempt=0.2)
LOST = ["reset", "truncate", "stall"]
EMPTY = always(b"", 200)


class TestPatch:
    async def test_each_operation_does_at_the_server_what_it_says(self) -> None:
        operations = [
            patch.test("/persona_name", "Ada"),
            patch.replace("/persona_name", "Grace"),
            patch.add("/greeting", "Hello"),
            patch.add("/document_ids/-", "d4"),
            patch.remove("/document_ids/0"),
            patch.copy("/greeting", "/context"),
            patch.move("/layers/tts/tts_model_name", "/layers/tts/external_voice_id"),
        ]
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            assert await session.patch_persona("p1", operations) is True
            stored: dict[str, Any] = sandbox.stored("p1")

        assert (stored["persona_name"], stored["greeting"], stored["context"]) == ("Grace", "Hello", "Hello")
        assert stored["document_ids"] == ["d2", "d3", "d4"]
        assert stored["layers"]["tts"] == {"tts_engine": "cartesia", "external_voice_id": "sonic-3"}

    @pytest.mark.parametrize(
        ("force", "path"), [(False, "/v2/personas/p%201"), (True, "/v2/personas/p%201?force=true")]
    )
    async def test_it_is_sent_as_one_list(self, force: bool, path: str) -> None:
        operations = (patch.replace("/greeting", value) for value in ("Hi", None))
        async with RawServer(EMPTY) as server, quick_session(server) as session:
            assert await session.patch_persona("p 1", operations, force=force) is True
            (request,) = server.requests

        assert (request.method, request.path) == ("PATCH", path)
        assert json.loads(request.body) == [
            {"op": "replace", "path": "/greeting", "value": "Hi"},
            {"op": "replace", "path": "/greeting", "value": None},
        ]

    @pytest.mark.parametrize(
        "operation", [patch.replace("/persona_name", "Ada"), patch.add("/document_ids", ["d1", "d2", "d3"])]
    )
    async def test_where_nothing_changes_it_is_false(self, operation: patch.Operation) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            assert await session.patch_persona("p1", [operation]) is False
            assert sandbox.stored("p1") == BODY

    async def test_an_unpublished_draft_is_a_conflict_which_force_overrides(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            sandbox.open_maker_draft("p1")
            with pytest.raises(ConflictError, match="unpublished changes; force=True would discard them") as caught:
                await session.patch_persona("p1", [patch.replace("/persona_name", "Grace")])
            assert caught.value.conflict == "maker_changes"
            assert sandbox.stored("p1") == BODY

            assert await session.patch_persona("p1", [patch.replace("/persona_name", "Grace")], force=True) is True
            assert sandbox.stored("p1")["persona_name"] == "Grace"
            assert await session.patch_persona("p1", [patch.replace("/persona_name", "Joan")]) is True

    async def test_a_conflict_without_a_kind_says_what_the_server_says(self) -> None:
        async with RawServer(always(words("locked"), 409)) as server, quick_session(server) as session:
            with pytest.raises(ConflictError, match=r"409: locked$") as caught:
                await session.patch_persona("p1", [patch.remove("/greeting")])

        assert caught.value.conflict is None

    @pytest.mark.parametrize(
        "operations",
        [
            [patch.replace("/persona_name", "Grace"), patch.remove("/greeting")],
            [patch.replace("/persona_name", "Grace"), patch.test("/persona_name", "Ada")],
            [patch.replace("/layers/perception/perception_model", "off")],
            [patch.add("/document_ids/4", "d5")],
            [patch.add("/pipeline_mode", "sideways")],
            [patch.replace("/persona_id", "p2")],
        ],
    )
    async def test_a_patch_that_does_not_fit_is_refused_as_a_whole(self, operations: list[patch.Operation]) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            with pytest.raises(BadRequestError):
                await session.patch_persona("p1", operations)

            assert sandbox.stored("p1") == BODY
            assert sandbox.stats().requests["patch_persona"] == 1

    async def test_what_the_server_takes_for_no_patch_is_unprocessable(self) -> None:
        unknown: Any = "merge"
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            with pytest.raises(UnprocessableError, match="Invalid JSON patch format"):
                await session.patch_persona("p1", [patch.Operation(unknown, "/persona_name", "x")])

    async def test_a_persona_that_is_not_there_or_not_ones_own_is_not_found(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            stock = sandbox.add({"persona_name": "Stock", "system_prompt": "x"}, system=True)
            for persona_id in ("p0", stock):
                with pytest.raises(NotFoundError):
                    await session.patch_persona(persona_id, [patch.replace("/persona_name", "Grace")])

    @pytest.mark.parametrize(
        ("operations", "problem"),
        [
            ([], "at least one operation"),
            (iter(()), "at least one operation"),
            (None, "operations must be an Iterable, not None"),
            (patch.remove("/a"), "operations must be an Iterable, not an? Operation"),
            ({"op": "remove", "path": "/a"}, "operations must be a list of operations, not one dict"),
            ("/a", "operations must be a list of operations, not one str"),
            (["/a"], "an operation must be a Mapping, not a str"),
            ([{"op": "merge", "path": "/a"}], "op must be one of add, remove"),
            ([{"op": "remove"}], "must be a JSON Pointer"),
            ([{"op": "remove", "path": "/a", "value": 1}], "remove has no value"),
            ([{"op": "add", "path": "/a"}], "add needs a value"),
            ([{"op": "move", "path": "/a"}], "move needs a from"),
            ([{"op": "remove", "path": "/a", "from": "/b"}], "remove has no from"),
            ([{"op": "remove", "path": "/a", "vale": "/b"}], "has no 'vale'"),
            ([patch.add("/a", float("nan"))], "cannot be written as JSON"),
            ([patch.add("/a", {1})], "cannot be written as JSON"),
        ],
    )
    async def test_what_cannot_be_a_patch_is_refused_before_it_is_sent(self, operations: Any, problem: str) -> None:
        async with RawServer(EMPTY) as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match=problem):
                await session.patch_persona("p1", operations)

            assert server.connections == 0

    @pytest.mark.parametrize("persona_id", ["", "..", "a\n", None])
    async def test_so_is_what_cannot_be_an_id(self, persona_id: Any) -> None:
        async with RawServer(EMPTY) as server, quick_session(server) as session:
            with pytest.raises(InvalidRequestError, match="persona_id"):
                await session.patch_persona(persona_id, [patch.remove("/a")])
            with pytest.raises(InvalidRequestError, match="persona_id"):
                await session.delete_persona(persona_id)

            assert server.connections == 0

    @pytest.mark.parametrize("fault", LOST)
    async def test_a_lost_answer_is_ambiguous_and_not_repeated(self, fault: Any) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox, timeouts=SHORT) as session:
            sandbox.script([fault])
            with pytest.raises(AmbiguousOutcomeError, match="PATCH /v2/personas/p1 was sent") as caught:
                await session.patch_persona("p1", [patch.add("/document_ids/-", "d4")])

            assert sandbox.stored("p1")["document_ids"] == ["d1", "d2", "d3", "d4"]
        assert caught.value.name is None

    @pytest.mark.parametrize("refusal", [429, Answer(status=503, headers={"Retry-After": "0"})])
    async def test_a_refused_one_is_repeated(self, refusal: Any) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            sandbox.script([refusal])

            assert await session.patch_persona("p1", [patch.add("/document_ids/-", "d4")]) is True
            assert sandbox.stored("p1")["document_ids"] == ["d1", "d2", "d3", "d4"]


class TestDelete:
    async def test_it_is_gone(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            deleted: object = await session.delete_persona("p1")  # type: ignore[func-returns-value]
            with pytest.raises(NotFoundError):
                await session.get_persona("p1")

            assert deleted is None
            assert sandbox.persona_ids == ()

    async def test_what_was_never_there_is_not_found(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            with pytest.raises(NotFoundError):
                await session.delete_persona("p2")

            assert (sandbox.persona_ids, sandbox.stats().total) == (("p1",), 1)

    @pytest.mark.parametrize("fault", LOST)
    async def test_what_is_gone_after_a_lost_answer_has_been_deleted(self, fault: Any) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox, timeouts=SHORT) as session:
            sandbox.script([fault])
            await session.delete_persona("p1")

            assert sandbox.persona_ids == ()
            assert sandbox.stats().requests["delete_persona"] == 2

    @pytest.mark.parametrize("gone", [always(b'{"error": "Invalid persona_id"}', 400), always(words("gone"), 404)])
    @pytest.mark.parametrize("lose", [reset, close, always(b"", 500), always(b"", 504)])
    async def test_however_it_is_lost_and_however_the_server_says_gone(self, lose: RawAnswer, gone: RawAnswer) -> None:
        async with RawServer(in_turn(lose, gone)) as server, quick_session(server) as session:
            await session.delete_persona("p1")

            assert [(request.method, request.path) for request in server.requests] == [
                ("DELETE", "/v2/personas/p1")
            ] * 2

    async def test_what_is_gone_after_a_refusal_was_never_there(self) -> None:
        gone = always(b'{"error": "Invalid persona_id"}', 400)
        async with RawServer(in_turn(always(words("slow"), 429), gone)) as server, quick_session(server) as session:
            with pytest.raises(NotFoundError):
                await session.delete_persona("p1")

            assert len(server.requests) == 2

    async def test_an_answer_that_is_always_lost_is_an_error(self) -> None:
        async with RawServer(reset) as server, quick_session(server) as session:
            with pytest.raises(ConnectionLostError) as caught:
                await session.delete_persona("p1")

            assert caught.value.attempts == len(server.requests) == 5


WRITES: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
    "patch": lambda session: session.patch_persona("p1", [patch.replace("/persona_name", "Grace")]),
    "update": lambda session: session.update_persona(ADA, attrs.evolve(ADA, persona_name="Grace")),
    "update of a pal": lambda session: session.update_persona(
        as_pal(ADA), attrs.evolve(as_pal(ADA), persona_name="Grace")
    ),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


class TestReadsAround:
    @every_write
    async def test_a_write_ends_what_was_kept(self, write: Callable[[AsyncSession], Awaitable[object]]) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox, cache_ttl=600) as session:
            names = [(await session.get_persona("p1")).persona_name for _ in range(2)]
            assert sandbox.stats().requests["get_persona"] == 1
            await write(session)
            names += [(await session.get_persona("p1")).persona_name for _ in range(2)]

            assert names == ["Ada", "Ada", "Grace", "Grace"]
            assert sandbox.stats().requests["get_persona"] == 2

    @every_write
    @pytest.mark.parametrize("fault", [*LOST, 500])
    async def test_so_does_one_that_fails(self, write: Callable[[AsyncSession], Awaitable[object]], fault: Any) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox, cache_ttl=600, timeouts=SHORT) as session:
            await session.get_persona("p1")
            sandbox.script([fault])
            with pytest.raises((AmbiguousOutcomeError, ServerError)):
                await write(session)

            name = (await session.get_persona("p1")).persona_name
            assert name == sandbox.stored("p1")["persona_name"] == ("Ada" if fault == 500 else "Grace")

    async def test_what_is_deleted_is_no_longer_kept(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox, cache_ttl=600) as session:
            await session.get_persona("p1")
            await session.delete_persona("p1")
            with pytest.raises(NotFoundError):
                await session.get_persona("p1")

    async def test_a_write_to_one_persona_keeps_the_others(self) -> None:
        async with sandbox_with(BODY, BODY | {"persona_id": "p2"}) as sandbox:
            async with quick_session(sandbox, cache_ttl=600) as session:
                await session.get_persona("p2")
                await session.patch_persona("p1", [patch.replace("/persona_name", "Grace")])
                await session.get_persona("p2")

            assert sandbox.stats().requests["get_persona"] == 1

    @pytest.mark.parametrize("cache_ttl", [None, 600])
    async def test_a_read_begun_before_a_write_is_not_shared_with_one_begun_after(
        self, cache_ttl: float | None
    ) -> None:
        stored, late = {"name": "Ada"}, asyncio.Event()

        async def answer(exchange: Exchange) -> None:
            if exchange.method == "PATCH":
                stored["name"] = "Grace"
                await exchange.reply(b"")
                return
            body = json.dumps({"persona_id": "p1", "persona_name": stored["name"]}).encode()
            if len(server.requests) == 1:
                await late.wait()
            await exchange.reply(body)

        async with RawServer(answer) as server, quick_session(server, cache_ttl=cache_ttl) as session:
            before = asyncio.create_task(session.get_persona("p1"))
            await server.received(1)
            await session.patch_persona("p1", [patch.replace("/persona_name", "Grace")])
            after = await session.get_persona("p1")
            late.set()
            stale = await before
            again = await session.get_persona("p1")

        assert (after.persona_name, stale.persona_name, again.persona_name) == ("Grace", "Ada", "Grace")

    async def test_equal_writes_are_not_shared(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            more = [patch.add("/document_ids/-", "d4")]
            await asyncio.gather(session.patch_persona("p1", more), session.patch_persona("p1", more))

            assert sandbox.stored("p1")["document_ids"] == ["d1", "d2", "d3", "d4", "d4"]

    async def test_of_two_deletes_at_once_one_finds_nothing(self) -> None:
        async with sandbox_with() as sandbox, quick_session(sandbox) as session:
            outcomes = await asyncio.gather(
                session.delete_persona("p1"), session.delete_persona("p1"), return_exceptions=True
            )

            assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotFoundError"]
