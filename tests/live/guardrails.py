"""What the SDK assumes of Tavus' guardrails: looked at on a single one that is made, changed and deleted."""

from typing import Any

from tests.live.assumption import REFUSALS, Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, verdict

ALL = "/v2/guardrails"
NOBODY = "g000000000000"
TOOL = {"path": "/tool_call", "value": {"name": "flag"}}

guardrails = Assumptions(lambda visit: visit.made.get(ALL, ""))


@guardrails("guardrails", 'Get Guardrails answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="10", page="1")
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@guardrails("guardrail-legacy", "legacy=true lists sets alone, and legacy=false none")
async def _legacy(visit: Visit) -> Verdict:
    sets, ones = [await visit.get(ALL, limit="100", legacy=legacy) for legacy in ("true", "false")]
    both = {first_id(one) for one in listed(sets)} & {first_id(one) for one in listed(ones)}
    has_sets = any("data" in one for one in listed(ones))
    return verdict((sets.status, ones.status) == (200, 200) and not both and not has_sets, f"{len(both)} are both")


@guardrails("guardrail-tags", 'the tags come as {"tags": [...], "total_count": n}')
async def _tags(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/tags")
    return verdict(answer.status == 200 and isinstance(answer.fields.get("tags"), list), str(answer))


@guardrails("guardrail-unknown", "an id that is nobody's is answered 400 or 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status in {400, 404}, str(answer))


@guardrails("guardrail-needs-name", "a create without guardrail_name is refused with 400 or 422", "create")
async def _needs_name(visit: Visit) -> Verdict:
    answer = await visit.make(ALL, {"guardrail_prompt": "To be thrown away."}, "guardrail_id")
    return verdict(answer.status in REFUSALS, str(answer))


@guardrails("guardrail-create", "Create Guardrails answers a guardrail_name with 200 and a guardrail_id", "create")
async def _create(visit: Visit) -> Verdict:
    body = {"guardrail_name": guardrail_name(visit), "guardrail_prompt": "To be thrown away.", "tags": ["check"]}
    answer = await visit.make(ALL, body, "guardrail_id")
    return verdict(answer.status == 200 and bool(visit.made.get(ALL)), str(answer))


@guardrails("guardrail-bare", "a single one is answered itself, in no envelope, with its guardrail_id", "change")
async def _bare(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{visit.made[ALL]}")
    return verdict(answer.status == 200 and answer.fields.get("guardrail_id") == visit.made[ALL], str(answer))


@guardrails("guardrail-find", "it is on the list as soon, under legacy=false", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_guardrails(guardrail_name(visit))
    return verdict(visit.made[ALL] in [one.guardrail_id for one in found], f"{len(found)} of that name")


@guardrails("guardrail-replace", "replacing what was never set is refused with 400 or 422", "change")
async def _replace(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body=[{"op": "replace", **TOOL}])
    return verdict(answer.status in REFUSALS, str(answer))


@guardrails("guardrail-add", "adding it is answered 200, and adding it again 304", "change")
async def _add(visit: Visit) -> Verdict:
    first, second = [
        await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body=[{"op": "add", **TOOL}]) for _ in range(2)
    ]
    return verdict((first.status, second.status) == (200, 304), f"{first}, then {second}")


@guardrails("guardrail-plain", "a plain object is refused with 400 or 422", "change")
async def _plain(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body={"guardrail_prompt": "Thrown away soon."})
    return verdict(answer.status in REFUSALS, str(answer))


@guardrails("guardrail-fields", "every field is known, and has the type that it is known with", "change")
async def _fields(visit: Visit) -> Verdict:
    read = await visit.session.get_guardrail(visit.made[ALL], verbose=True)
    strange = sorted({name for known in (False, True) for name in strange_fields(read, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@guardrails("guardrail-delete", "Delete Guardrails answers 204", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.unmake(ALL)
    return verdict(answer.status == 204, str(answer))


def guardrail_name(visit: Visit) -> str:
    """The name of what is to be thrown away, in the characters that a guardrail's may have."""
    return visit.throw_away_name.replace(" ", "_")


def listed(answer: Any) -> list[Any]:
    """The objects that a list has, if it is one."""
    data = answer.fields.get("data")
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def first_id(one: dict[str, Any]) -> Any:
    """The id of what a list has, under whichever name."""
    return next((one[name] for name in ("guardrails_id", "guardrail_id", "uuid") if name in one), None)
