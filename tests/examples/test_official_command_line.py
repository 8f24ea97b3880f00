"""The official command line and its client, unchanged, on one sandbox with our session."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tests.examples import programs
from tests.support.quick import KEY

client_module = programs.load("tavus_mcp.sdk.client.http", needs="tavus-cli")
COMMAND_LINE = "from tavus_mcp.cli.main import app; app()"


@pytest.fixture(params=["status", "object", "empty"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A sandbox that answers an end in one of the ways in which Tavus does."""
    async with Sandbox(api_key=KEY, personas=5, end_body=request.param) as sandbox:
        yield sandbox


async def command(sandbox: Sandbox, *words: str) -> Any:
    """Runs a command, and reads the JSON that it prints."""
    names = {"TAVUS_API_KEY": sandbox.api_key, "TAVUS_PUBLIC_API_BASE_URL": f"{sandbox.url}/v2", "COLUMNS": "1000"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND_LINE, *words), env={**os.environ, **names}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return json.loads(output)


async def test_its_client_and_our_session_see_the_same_conversations(client: Any, session: AsyncSession) -> None:
    theirs = await client.conversations.create({"persona_id": programs.PERSONA, "conversation_name": "Theirs"})
    ours = await session.create_conversation({"pal_id": programs.PERSONA, "conversation_name": "Ours"})
    listed = await client.conversations.list_all(page_size=1)
    read = await session.get_conversation(theirs["conversation_id"])

    assert [each["conversation_name"] for each in listed["data"]] == ["Ours", "Theirs"]
    assert listed["total_count"] == 2
    assert (await client.conversations.get(ours.conversation_id))["status"] == "active"
    assert (read.conversation_name, read.status) == ("Theirs", "active")
    assert read.conversation_url == theirs["conversation_url"]


async def test_each_ends_what_the_other_has_created(client: Any, session: AsyncSession) -> None:
    theirs = (await client.conversations.create({"persona_id": programs.PERSONA}))["conversation_id"]
    ours = (await session.create_conversation({"persona_id": programs.PERSONA})).conversation_id
    await client.conversations.end(ours)
    await session.end_conversation(theirs)

    assert [each.status async for each in session.list_conversations()] == ["ended", "ended"]
    assert (await client.conversations.get(theirs, verbose="true"))[
        "shutdown_reason"
    ] == "end_conversation_endpoint_hit"
    await client.conversations.delete(theirs)
    assert [each.conversation_id async for each in session.list_conversations()] == [ours]


async def test_its_commands_create_and_end_conversations(sandbox: Sandbox, session: AsyncSession) -> None:
    created = await command(sandbox, "conversation", "create", "--pal-id", programs.PERSONA, "--name", "Lesson")
    before = await session.get_conversation(created["conversation_id"])
    await command(sandbox, "conversation", "end", created["conversation_id"])
    after = await session.get_conversation(created["conversation_id"])

    assert (before.conversation_name, before.status, after.status) == ("Lesson", "active", "ended")


async def test_its_commands_start_and_end_chats(sandbox: Sandbox, session: AsyncSession) -> None:
    words = ("--pal-id", programs.PERSONA, "--greeting", "Hi.", "--name", "Chat")
    started = await command(sandbox, "chat", "start", *words)
    before = await session.get_conversation(started["conversation_id"])
    await command(sandbox, "chat", "end", started["conversation_id"])

    assert (before.conversation_url, before.status) == (None, "active")
    assert (await session.get_conversation(started["conversation_id"])).status == "ended"


async def test_what_is_refused_is_an_error_of_its_own(client: Any) -> None:
    with pytest.raises(client_module.TavusApiError) as raised:
        await client.conversations.create({"persona_id": "p0"})

    assert (raised.value.status_code, raised.value.body) == (400, {"error": "Invalid persona_id"})
