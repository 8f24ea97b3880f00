"""The session's methods for objectives on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, BadRequestError, InvalidRequestError, NotFoundError, patch
from tavus_async.models import Objective, ObjectiveSet, ObjectiveSetDraft
from tavus_async.sandbox import Sandbox
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always

GREET = Objective(objective_name="greet", objective_prompt="Greet them.", next_required_objective="ask")
ASK = Objective(objective_name="ask", objective_prompt="Ask.", output_variables=["budget"])
DRAFT = ObjectiveSetDraft(name="intake", data=[GREET, ASK])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def created(session: AsyncSession) -> ObjectiveSet:
    """A new set, as reading shows it."""
    return await session.get_objective_set((await session.create_objective_set(DRAFT)).objectives_id)


async def test_a_set_is_created_read_changed_and_deleted(session: AsyncSession) -> None:
    told = await session.create_objective_set(DRAFT)
    before = await session.get_objective_set(told.objectives_id)
    greeting = attrs.evolve(before.objectives[0], objective_prompt="Say hello.", callback_url="https://app.example/x")
    after = attrs.evolve(before, name="reception", data=[greeting, before.objectives[1]])
    is_changed = await session.update_objective_set(before, after)
    read = await session.get_objective_set(told.objectives_id)
    await session.delete_objective_set(told.objectives_id)

    assert (told.status, told.objectives, before.name) == ("active", (), "intake")
    assert [each.objective_name for each in before.objectives] == ["greet", "ask"]
    assert is_changed is True
    assert (read.name, read.objectives) == ("reception", after.objectives)
    with pytest.raises(NotFoundError, match="Objective not found"):
        await session.get_objective_set(told.objectives_id)


async def test_equal_records_send_nothing(session: AsyncSession, sandbox: Sandbox) -> None:
    before = await created(session)
    asked = sandbox.stats().requests

    assert await session.update_objective_set(before, attrs.evolve(before, status="active", updated_at=None)) is False
    assert sandbox.stats().requests == asked


async def test_two_sets_are_not_turned_into_one_another(session: AsyncSession) -> None:
    before = await created(session)

    with pytest.raises(InvalidRequestError, match="objectives_id differs"):
        await session.update_objective_set(before, attrs.evolve(before, objectives_id="o2"))


async def test_a_patch_that_changes_nothing_is_false(session: AsyncSession) -> None:
    found = await created(session)
    operations = [patch.replace("/data/0/objective_prompt", "Say hello.")]

    assert await session.patch_objective_set(found.objectives_id, operations) is True
    assert await session.patch_objective_set(found.objectives_id, operations) is False


async def test_a_patch_that_breaks_the_chain_is_refused(session: AsyncSession) -> None:
    found = await created(session)

    with pytest.raises(BadRequestError, match="exactly one root"):
        await session.patch_objective_set(found.objectives_id, [patch.remove("/data/0/next_required_objective")])
    assert await session.get_objective_set(found.objectives_id) == found


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession, sandbox: Sandbox) -> None:
    ids = [(await session.create_objective_set(attrs.evolve(DRAFT, name=f"set {n}"))).objectives_id for n in range(5)]
    stock: Any = {"name": "stock", "data": [{"objective_name": "sell", "objective_prompt": "Sell."}]}
    stock_id = sandbox.add(stock, resource="objectives", system=True)

    listed = [each async for each in session.list_objective_sets(page_size=2)]
    backwards = [each.objectives_id async for each in session.list_objective_sets(sort="descending")]
    every = [each.objectives_id async for each in session.list_objective_sets(objective_type="all")]
    named = [each.objectives_id async for each in session.list_objective_sets(name_or_uuid="SET 3")]

    assert [each.objectives_id for each in listed] == ids == backwards[::-1]
    assert [each.objective_name for each in listed] == ["greet"] * 5
    assert (every, named) == ([*ids, stock_id], [ids[3]])
    assert [each.objectives_id for each in await session.find_objective_sets("set 4")] == [ids[4]]
    assert len(await session.find_objective_sets("greet")) == 5
    assert await session.find_objective_sets("nobody") == []


async def test_the_server_is_asked_what_it_would_take(session: AsyncSession, sandbox: Sandbox) -> None:
    assert await session.validate_objective_set(DRAFT) == {"valid": True}
    assert sandbox.ids("objectives") == ()


async def test_a_lost_create_is_looked_for_by_its_name(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate"])

    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.create_objective_set(attrs.evolve(DRAFT, name=None))

    assert caught.value.name == "greet"
    assert [each.objectives_id for each in await session.find_objective_sets("greet")] == [*sandbox.ids("objectives")]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'{"uuid": "o1", "name": "n", "data": [{"objective_name": "a", "objective_prompt": "p"}]}', 1),
        (b'{"data": [{"objective_name": "a"}, {"objective_name": "b"}]}', 2),
        (b'{"data": {"objective_name": "a", "objective_prompt": "p"}}', 1),
    ],
)
async def test_the_id_that_was_asked_for_fills_an_answer_without_one(body: bytes, count: int) -> None:
    async with RawServer(always(body, 200)) as server, quick_session(server) as session:
        found = await session.get_objective_set("o1")

    assert (found.objectives_id, len(found.objectives)) == ("o1", count)
