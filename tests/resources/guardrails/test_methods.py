"""The session's methods for guardrails, of both generations, on a sandbox."""

import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import AmbiguousOutcomeError, AsyncSession, NotFoundError, PermissionDeniedError, patch
from tavus_async.models import Guardrail, GuardrailDraft, GuardrailSetDraft, LegacyGuardrail
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session
from tests.support.raw_server import RawServer, always

RULE: dict[str, Any] = {"guardrail_name": "no_prices", "guardrail_prompt": "Never name a price."}
DRAFT = GuardrailDraft(**RULE, tags=["sales", "web"])
SET = GuardrailSetDraft(name="sales", data=[LegacyGuardrail(**RULE), LegacyGuardrail(**RULE, modality="visual")])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(personas=2, api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def test_a_guardrail_is_created_read_changed_and_deleted(session: AsyncSession) -> None:
    told = await session.create_guardrail(DRAFT)
    before = await session.get_guardrail(told.guardrail_id)
    after = attrs.evolve(before, tags=["web"], tool_call={"name": "flag"}, guardrail_prompt="No prices.")
    is_changed = await session.update_guardrail(before, after)
    read = await session.get_guardrail(told.guardrail_id)
    await session.delete_guardrail(told.guardrail_id)

    assert (before.tags, before.modality, before.app_message, before.tool_call) == (
        ("sales", "web"),
        "verbal",
        True,
        None,
    )
    assert (is_changed, read.tags, read.tool_call) == (True, ("web",), {"name": "flag"})
    assert read.guardrail_prompt == "No prices."
    with pytest.raises(NotFoundError, match="Guardrails not found"):
        await session.get_guardrail(told.guardrail_id)


async def test_updating_sends_whole_fields_by_add() -> None:
    before = Guardrail.from_dict({"guardrail_id": "g1", **RULE, "tags": ["a", "b"]})
    async with RawServer(always(b"{}", 200)) as server, quick_session(server) as session:
        await session.update_guardrail(before, attrs.evolve(before, tags=["a", "c"], guardrail_type="user"))
        (request,) = server.requests

    assert (request.method, request.path) == ("PATCH", "/v2/guardrails/g1")
    assert json.loads(request.body) == [{"op": "add", "path": "/tags", "value": ["a", "c"]}]


async def test_a_patch_that_changes_nothing_is_false(session: AsyncSession) -> None:
    told = await session.create_guardrail(DRAFT)

    assert await session.patch_guardrail(told.guardrail_id, [patch.replace("/modality", "audio")]) is True
    assert await session.patch_guardrail(told.guardrail_id, [patch.replace("/modality", "audio")]) is False
    assert await session.update_guardrail(told, told) is False


async def test_verbose_tells_who_has_it(session: AsyncSession, sandbox: Sandbox) -> None:
    told = await session.create_guardrail(DRAFT)
    by_id = sandbox.add({"persona_name": "Ada", "guardrail_ids": [told.guardrail_id]})
    by_tag = sandbox.add({"persona_name": "Bob", "guardrail_tags": ["web"]})

    quiet = await session.get_guardrail(told.guardrail_id)
    found = await session.get_guardrail(told.guardrail_id, verbose=True)
    (listed,) = [each async for each in session.list_guardrails(verbose=True)]

    assert (quiet.guardrail_type, quiet.persona_refs) == (None, None)
    assert found == listed
    assert (found.guardrail_type, found.persona_refs) == ("user", [by_id, by_tag])


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession, sandbox: Sandbox) -> None:
    ids = [(await session.create_guardrail(RULE | {"tags": [tag]})).guardrail_id for tag in "abcab"]
    stock = sandbox.add(RULE | {"tags": ["z"]}, resource="guardrails", system=True)
    await session.create_guardrail_set(SET)

    async def listed(**filters: Any) -> list[str]:
        return [each.guardrail_id async for each in session.list_guardrails(page_size=2, **filters)]

    assert await listed() == ids
    assert await listed(sort="descending") == ids[::-1]
    assert await listed(guardrail_type="all") == [*ids, stock]
    assert await listed(guardrail_type="system") == [stock]
    assert await listed(tags=["c", "b"]) == [ids[1], ids[2], ids[4]]
    assert await listed(name_or_uuid=ids[3]) == [ids[3]]
    assert [tag async for tag in session.list_guardrail_tags(page_size=2)] == ["a", "b", "c"]
    assert [tag async for tag in session.list_guardrail_tags(search="B")] == ["b"]
    assert len(await session.find_guardrails("no_prices")) == 5


async def test_a_set_is_created_read_changed_and_deleted(session: AsyncSession) -> None:
    told = await session.create_guardrail_set(SET)
    before = await session.get_guardrail_set(told.guardrails_id)
    first, second = before.guardrails
    is_changed = await session.update_guardrail_set(
        before, attrs.evolve(before, data=[attrs.evolve(first, guardrail_prompt="No.", tags=["x"]), second])
    )
    read = await session.get_guardrail_set(told.guardrails_id)
    await session.delete_guardrail_set(told.guardrails_id)

    assert (told.guardrails_name, told.status, before.name) == ("sales", "active", "sales")
    assert (is_changed, read.guardrails[0].guardrail_prompt, read.guardrails[1]) == (True, "No.", second)
    with pytest.raises(NotFoundError):
        await session.delete_guardrail_set(told.guardrails_id)


async def test_sets_are_listed_apart_and_found_by_what_reading_them_tells(session: AsyncSession) -> None:
    one = await session.create_guardrail(DRAFT)
    told = [await session.create_guardrail_set(attrs.evolve(SET, name=name)) for name in ("sales", "web", "sales")]

    listed = [each async for each in session.list_guardrail_sets(page_size=2)]
    found = await session.find_guardrail_sets("sales")

    assert [each.guardrails_id for each in listed] == [each.guardrails_id for each in told]
    assert [each.name for each in listed] == [None] * 3
    assert [each.guardrails_id for each in found] == [told[0].guardrails_id, told[2].guardrails_id]
    assert [each.guardrail_id async for each in session.list_guardrails()] == [one.guardrail_id]


async def test_verbose_tells_who_has_a_set(session: AsyncSession, sandbox: Sandbox) -> None:
    told = await session.create_guardrail_set(SET)
    having = sandbox.add({"persona_name": "Ada", "guardrails_id": told.guardrails_id})
    found = await session.get_guardrail_set(told.guardrails_id, verbose=True)
    (listed,) = [each async for each in session.list_guardrail_sets(verbose=True)]

    assert (found.persona_refs, listed.persona_refs) == ([having], [having])
    assert (await session.get_guardrail_set(told.guardrails_id)).persona_refs is None


async def test_a_set_that_is_deleted_meanwhile_is_not_found(session: AsyncSession, sandbox: Sandbox) -> None:
    told = [await session.create_guardrail_set(SET) for _ in range(2)]
    sandbox.script(["ok", Answer(status=404, body={"error": "Guardrails not found"})])
    found = await session.find_guardrail_sets("sales")

    assert len(found) == 1
    assert found[0].guardrails_id in {each.guardrails_id for each in told}


async def test_whatever_else_fails_is_raised(session: AsyncSession, sandbox: Sandbox) -> None:
    await session.create_guardrail_set(SET)
    sandbox.script(["ok", Answer(status=403, body={"error": "No."})])

    with pytest.raises(PermissionDeniedError):
        await session.find_guardrail_sets("sales")


async def test_a_lost_create_is_looked_for_by_its_name(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate", "truncate"])
    for create in (session.create_guardrail(DRAFT), session.create_guardrail_set(SET)):
        with pytest.raises(AmbiguousOutcomeError):
            await create

    assert [each.guardrail_id for each in await session.find_guardrails("no_prices")] == [*sandbox.ids("guardrails")]
    assert [each.guardrails_id for each in await session.find_guardrail_sets("sales")] == [
        *sandbox.ids("guardrail-sets")
    ]
