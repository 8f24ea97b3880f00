"""The session's methods for tools, and for those of a persona."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tavus_async._records.secrets import hidden
from tavus_async._settings.checks import of_kind
from tavus_async._values import Page
from tavus_async.errors import InvalidRequestError
from tavus_async.resources._lazy import lazy_modules
from tavus_async.resources._sends import PAGE_SIZE, Sends

if TYPE_CHECKING:
    from tavus_async.resources.tools import calls, records
else:
    calls, records = lazy_modules(__name__)


class Tools(Sends):
    """Reads, lists, creates, changes and deletes tools, and attaches them to personas."""

    async def get_tool(self, tool_id: str, *, timeout: float | None = None) -> "records.Tool":
        """Return one tool by its id, which is its name for a system tool; its secrets are masked.

        Raises NotFoundError for an id that the account does not have.
        Source: https://docs.tavus.io/api-reference/tools/get-tool
        """
        return await self.send(calls.get_tool(tool_id), timeout=timeout)

    async def list_tools(
        self,
        *,
        tool_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        page_size: int = PAGE_SIZE,
        timeout: float | None = None,
    ) -> AsyncIterator["records.Tool"]:
        """Iterate over the tools of all pages, each once.

        *tool_type* is `user` for the account's own, which is the server's default, `system` for Tavus', or `all`.
        *name_or_uuid* is searched for. *sort* is `asc` (default) or `desc`. *timeout* is each page's, in seconds.
        Source: https://docs.tavus.io/api-reference/tools/list-tools
        """
        found = self._list_all(
            calls.TOOLS,
            calls.list_tools_page,
            page_size=page_size,
            timeout=timeout,
            tool_type=tool_type,
            name_or_uuid=name_or_uuid,
            sort=sort,
        )
        async for tool in found:
            yield tool

    async def list_tools_page(
        self,
        *,
        page: int = 1,
        limit: int = 25,
        tool_type: str | None = None,
        name_or_uuid: str | None = None,
        sort: str | None = None,
        timeout: float | None = None,
    ) -> "Page[records.Tool]":
        """Return one page, counted from 1, of at most *limit* tools; the filters are those of `list_tools()`.

        Source: https://docs.tavus.io/api-reference/tools/list-tools
        """
        call = calls.list_tools_page(page=page, limit=limit, tool_type=tool_type, name_or_uuid=name_or_uuid, sort=sort)
        return await self.send(call, timeout=timeout)

    async def find_tools(self, name: str, *, timeout: float | None = None) -> list["records.Tool"]:
        """Return the account's own tools of this name, which need not be unique; the list is read to its end.

        After an AmbiguousOutcomeError, `find_tools(error.name)` tells whether the create has happened.
        *timeout* is each page's, in seconds.
        """
        of_kind("name", name, str, error=InvalidRequestError)
        return [tool async for tool in self.list_tools(tool_type="user", timeout=timeout) if tool.name == name]

    async def create_tool(
        self, draft: "records.ToolDraft | Mapping[str, Any]", *, timeout: float | None = None
    ) -> "records.Tool":
        """Create a tool, which personas can call once it is attached to them.

        *draft* may be a mapping, such as a body copied from the documentation. It is never sent twice where the first
        may have worked: a lost answer raises AmbiguousOutcomeError. Raises InvalidRequestError for a draft that breaks
        a rule of the server's, such as that of names, or that an endpoint is called by https.
        Source: https://docs.tavus.io/api-reference/tools/create-tool
        """
        draft = hidden(draft, texts=True)
        return await self.send(calls.create_tool(draft), timeout=timeout)

    async def update_tool(
        self,
        before: "records.Tool | str",
        after: "records.Tool | Mapping[str, Any]",
        *,
        timeout: float | None = None,
    ) -> "records.Tool":
        """Change single fields of a tool, and return it as it is then.

        `await session.update_tool(tool, attrs.evolve(tool, tags=["shop"]))`, or with an id and a mapping of the fields
        to change. A field is replaced as a whole, but masked secrets in it are left out, which keeps the real ones.
        Raises InvalidRequestError for records of two tools, and for fields that break a rule of the server's.
        Source: https://docs.tavus.io/api-reference/tools/update-tool
        """
        after = hidden(after, texts=True)
        return await self.send(calls.update_tool(before, after), timeout=timeout)

    async def delete_tool(self, tool_id: str, *, timeout: float | None = None) -> None:
        """Delete a tool for good.

        Raises NotFoundError where there is none; not when only the answer to an earlier attempt was lost.
        Source: https://docs.tavus.io/api-reference/tools/delete-tool
        """
        await self.send(calls.delete_tool(tool_id), timeout=timeout)

    async def list_persona_tools(
        self, persona_id: str, *, timeout: float | None = None
    ) -> "tuple[records.PersonaTool, ...]":
        """Return the tools that are attached to a persona, system tools among them.

        Raises NotFoundError for a persona that the account does not have.
        Source: https://docs.tavus.io/api-reference/pal-tools/list-pal-tools
        """
        return await self.send(calls.list_persona_tools(persona_id), timeout=timeout)

    async def attach_tools(self, persona_id: str, tool_ids: Sequence[str], *, timeout: float | None = None) -> None:
        """Attach tools to a persona, 1 to 50 at once; what is attached already stays.

        Raises NotFoundError for a persona, or a tool, that the account does not have.
        Source: https://docs.tavus.io/api-reference/pal-tools/attach-tools-to-pal
        """
        await self.send(calls.attach_tools(persona_id, tool_ids), timeout=timeout)

    async def detach_tool(self, persona_id: str, tool_id: str, *, timeout: float | None = None) -> None:
        """Detach a tool from a persona; the tool itself stays.

        Raises NotFoundError where it is not attached.
        Source: https://docs.tavus.io/api-reference/pal-tools/detach-tool-from-pal
        """
        await self.send(calls.detach_tool(persona_id, tool_id), timeout=timeout)
