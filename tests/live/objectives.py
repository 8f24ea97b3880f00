"""What the SDK assumes of Tavus' objectives: looked at on a set that is made, changed and deleted."""

from typing import Any

from tests.live.assumption import REFUSALS, Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, verdict

ALL = "/v2/objectives"
NOBODY = "o000000000000"
STEPS: tuple[dict[str, Any], ...] = (
    {"objective_name": "ask", "objective_prompt": "Ask for the name.", "next_required_objective": "thank"},
    {"objective_name": "thank", "objective_prompt": "Thank them."},
)
CHANGE = [{"op": "replace", "path": "/data/1/objective_prompt", "value": "Thank them kindly."}]

objectives = Assumptions(lambda visit: visit.made.get(ALL, ""))


@objectives("objectives", 'Get Objectives answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="10", page="1")
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@objectives("objective-unknown", "an id that is nobody's is answered 400 or 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status in {400, 404}, str(answer))


@objectives("objective-one-root", "two objectives that nothing leads to are refused with 400 or 422", "create")
async def _one_root(visit: Visit) -> Verdict:
    other = STEPS[1] | {"objective_name": "other"}
    answer = await visit.make(ALL, {"name": visit.throw_away_name, "data": [STEPS[1], other]}, "objectives_id")
    return verdict(answer.status in REFUSALS, str(answer))


@objectives("objective-create", "Create Objectives answers 200 with objectives_id and the status active", "create")
async def _create(visit: Visit) -> Verdict:
    answer = await visit.make(ALL, {"name": visit.throw_away_name, "data": [*STEPS]}, "objectives_id")
    is_told = bool(visit.made.get(ALL)) and answer.fields.get("status") == "active"
    return verdict(answer.status == 200 and is_told, str(answer))


@objectives("objective-shape", "Get Objective answers with the id, and with all objectives in data", "change")
async def _shape(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{visit.made[ALL]}")
    data = answer.fields.get("data")
    is_whole = isinstance(data, list) and len(data) == len(STEPS)
    return verdict(answer.status == 200 and "objectives_id" in answer.fields and is_whole, str(answer))


@objectives("objective-find", "it is on the list as soon, under its name", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_objective_sets(visit.throw_away_name)
    return verdict(visit.made[ALL] in [one.objectives_id for one in found], f"{len(found)} of that name")


@objectives("objective-patch", "pointers of a patch go into data, which has all objectives", "change")
async def _patch(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body=CHANGE)
    return verdict(answer.status == 200, str(answer))


@objectives("objective-unchanged", "a patch that changes nothing is answered 304", "change")
async def _unchanged(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body=CHANGE)
    return verdict(answer.status == 304, str(answer))


@objectives("objective-fields", "every field is known, and has the type that it is known with", "change")
async def _fields(visit: Visit) -> Verdict:
    read = await visit.session.get_objective_set(visit.made[ALL])
    strange = sorted({name for known in (False, True) for name in strange_fields(read, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@objectives("objective-delete", "Delete Objective answers 204", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.unmake(ALL)
    return verdict(answer.status == 204, str(answer))
