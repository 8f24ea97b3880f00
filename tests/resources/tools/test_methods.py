"""The session's methods for tools on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, BadRequestError, NotFoundError
from tavus_async._session import Vocabulary
from tavus_async.models import Tool, ToolApi, ToolAuth, ToolDelivery, ToolDraft
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

DRAFT = ToolDraft(
    name="lookup_order",
    description="Find an order.",
    parameters={"type": "object", "properties": {"order_id": {"type": "string"}}},
    delivery=ToolDelivery(
        api=ToolApi(url="https://shop.example/{order_id}", auth=ToolAuth(type="hmac", secret="the-real-secret"))
    ),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY, personas=[{"persona_id": "p1", "system_prompt": "x"}]) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


def secret_of(sandbox: Sandbox, tool: Tool) -> Any:
    stored: Any = sandbox.stored(tool.tool_id, resource="tools")
    return stored["delivery"]["api"]["auth"].get("secret")


async def test_a_tool_is_made_changed_and_deleted(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_tool(DRAFT)
    read = await session.get_tool(created.tool_id)
    changed = await session.update_tool(read, attrs.evolve(read, tags=("shop",)))
    api = attrs.evolve(changed.delivery.api, timeout=5.0)
    delivered = await session.update_tool(
        changed, attrs.evolve(changed, delivery=attrs.evolve(changed.delivery, api=api))
    )
    same = await session.update_tool(delivered, delivered)
    named = await session.update_tool(created.tool_id, {"description": "Else."})

    assert created == read
    assert read.delivery.api.auth.secret is not None
    assert read.delivery.api.auth.secret.is_masked
    assert (changed.tags, delivered.delivery.api.timeout, named.description) == (("shop",), 5, "Else.")
    assert same == delivered
    assert secret_of(sandbox, created) == "the-real-secret"
    await session.delete_tool(created.tool_id)
    with pytest.raises(NotFoundError):
        await session.get_tool(created.tool_id)


async def test_a_secret_is_exchanged(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_tool(DRAFT)
    auth = ToolAuth(type="hmac", secret="another-secret")
    api = attrs.evolve(created.delivery.api, auth=auth)
    await session.update_tool(created, attrs.evolve(created, delivery=attrs.evolve(created.delivery, api=api)))

    assert secret_of(sandbox, created) == "another-secret"


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession) -> None:
    names = [f"tool_{number}" for number in range(7)]
    for name in names:
        await session.create_tool({"name": name, "description": "x"})

    assert [tool.name async for tool in session.list_tools(page_size=3)] == names
    assert [tool.name async for tool in session.list_tools(sort="desc", page_size=2)] == names[::-1]
    assert [tool.tool_id async for tool in session.list_tools(tool_type="system")] == ["end_call"]
    assert len([tool async for tool in session.list_tools(tool_type="all")]) == 8
    assert [tool.name async for tool in session.list_tools(name_or_uuid="l_5")] == ["tool_5"]
    assert [tool.name for tool in await session.list_tools_page(page=2, limit=4)] == names[4:]
    assert [tool.name for tool in await session.find_tools("tool_3")] == ["tool_3"]


async def test_a_tool_is_never_created_twice(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["reset"])
    with pytest.raises(AmbiguousOutcomeError) as caught:
        await session.create_tool(DRAFT)

    assert caught.value.name == "lookup_order"
    assert [tool.name for tool in await session.find_tools("lookup_order")] == ["lookup_order"]


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_tools_are_attached_listed_and_detached(sandbox: Sandbox, vocabulary: Vocabulary) -> None:
    async with quick_session(sandbox, vocabulary=vocabulary, cache_ttl=60.0) as session:
        created = await session.create_tool(DRAFT)
        assert (await session.get_persona("p1")).tool_ids is None
        sandbox.script(["reset"])
        await session.attach_tools("p1", [created.tool_id, "end_call"])
        listed = await session.list_persona_tools("p1")

        assert [tool.tool_id for tool in listed] == [created.tool_id, "end_call"]
        assert listed[0].to_dict() == created.to_dict()
        assert (await session.get_persona("p1")).tool_ids == (created.tool_id, "end_call")
        sandbox.script(["reset"])
        await session.detach_tool("p1", "end_call")
        assert [tool.tool_id for tool in await session.list_persona_tools("p1")] == [created.tool_id]
        with pytest.raises(NotFoundError, match="Tool not attached to this PAL"):
            await session.detach_tool("p1", "end_call")
        with pytest.raises(NotFoundError, match="Invalid tool_id"):
            await session.attach_tools("p1", ["t9"])
        with pytest.raises(NotFoundError, match="Invalid persona_id"):
            await session.list_persona_tools("p9")


async def test_an_error_that_repeats_a_secret_does_not_show_it(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script([Answer(status=400, body={"error": "no good: the-real-secret"})])
    with pytest.raises(BadRequestError) as caught:
        await session.create_tool(DRAFT)

    assert "the-real-secret" not in f"{caught.value}{caught.value.body}{caught.value!r}"
