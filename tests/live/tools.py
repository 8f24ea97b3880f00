"""What the SDK assumes of Tavus' tools: looked at on one that is made, changed and deleted."""

from tests.live.assumption import Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/tools"
NOBODY = "t000000000000"
URL = "https://tavus.example/check"
MASKED = {"type": "hmac", "secret": "********"}

tools = Assumptions(lambda visit: visit.tool)


@tools("tools", 'List Tools answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100", type="all")
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@tools("tool-pages", "pages are counted from 1 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [
        await visit.session.list_tools_page(page=page, limit=1, tool_type="all", name_or_uuid=None) for page in (1, 2)
    ]
    if len(second) == 0:
        return verdict(len(first) <= 1, "page 2 of one tool each is empty")
    return verdict(first.items != second.items, "pages 1 and 2 of one tool each are the same")


@tools("tool-system", "the id of a system tool is its name")
async def _system(visit: Visit) -> Verdict:
    found = list(await visit.session.list_tools_page(limit=100, tool_type="system"))
    if not found:
        return unknown("the account sees no system tool")
    others = [one for one in found if one.tool_id != one.name or one.is_system_tool is not True]
    return verdict(not others, f"{len(others)} of {len(found)} have another, or do not say what they are")


@tools("tool-unknown", "an id that is nobody's is answered 400 or 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status in {400, 404}, str(answer))


@tools("tool-needs-https", "an endpoint without https is refused with 400 or 422", "create")
async def _needs_https(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body=a_tool(visit, url="http://tavus.example/check"))
    visit.note_tool(answer)
    return verdict(answer.status in {400, 422}, str(answer))


@tools("tool-create", "Create Tool answers 200 with the tool, its secret masked by asterisks", "create")
async def _create(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body=a_tool(visit))
    visit.tool = visit.note_tool(answer)
    delivery = answer.fields.get("delivery") or {}
    auth = (delivery.get("api") or {}).get("auth")
    return verdict(answer.status == 200 and bool(visit.tool) and auth == MASKED, str(answer))


@tools("tool-find", "it is on the list as soon, under type=user", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_tools(tool_name(visit))
    return verdict(visit.tool in [one.tool_id for one in found], f"{len(found)} of that name")


@tools("tool-merge", "a plain object changes the fields that it has", "change")
async def _merge(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.tool}", body={"tags": ["check"]})
    read = await visit.session.get_tool(visit.tool)
    return verdict(answer.status == 200 and read.tags == ("check",), str(answer))


@tools("tool-keeps-secret", "a delivery without its secret is taken, and keeps it", "change")
async def _keeps_secret(visit: Visit) -> Verdict:
    delivery = {"api": {"url": URL, "timeout": 5, "auth": {"type": "hmac"}}}
    answer = await visit.ask("PATCH", f"{ALL}/{visit.tool}", body={"delivery": delivery})
    read = await visit.session.get_tool(visit.tool)
    return verdict(answer.status == 200 and bool(read.delivery.api.auth.secret), str(answer))


@tools("tool-fields", "every field of a tool is known, and has the type that it is known with", "change")
async def _fields(visit: Visit) -> Verdict:
    read = await visit.session.get_tool(visit.tool)
    strange = sorted({name for known in (False, True) for name in strange_fields(read, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@tools("tool-delete", "Delete Tool answers 204", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.ask("DELETE", f"{ALL}/{visit.tool}")
    if 200 <= answer.status < 300:
        visit.tools_created.remove(visit.tool)
    return verdict(answer.status == 204, str(answer))


def tool_name(visit: Visit) -> str:
    """The name of what is to be thrown away, in the characters that a tool's may have."""
    return visit.throw_away_name.replace(" ", "_")


def a_tool(visit: Visit, url: str = URL) -> dict[str, object]:
    api = {"url": url, "auth": {"type": "hmac", "secret": "thrown-away-at-once"}}
    return {"name": tool_name(visit), "description": "To be thrown away.", "delivery": {"api": api}}
