"""What the SDK assumes of Tavus' skills: only read."""

from tests.live.assumption import Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/skills"
KNOWN = {"internet_search", "presentation", "magic_canvas"}

skills = Assumptions(lambda _visit: "")


@skills("skills", 'List Skills answers 200, {"data": [...]}, whole, with the skills that are documented')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL)
    if answer.status != 200 or not isinstance(answer.fields.get("data"), list):
        return verdict(is_so=False, words=str(answer))
    missing = KNOWN - {skill.skill_id for skill in await visit.session.list_skills()}
    return verdict(not missing, f"without {', '.join(sorted(missing))}")


@skills("skill-unknown", "an id that is nobody's is answered 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/no_skill_of_anybody")
    return verdict(answer.status == 404, str(answer))


@skills("skill-fields", "every field of a skill is known, and has the type that it is known with")
async def _fields(visit: Visit) -> Verdict:
    found = await visit.session.list_skills()
    strange = sorted({name for one in found for known in (False, True) for name in strange_fields(one, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@skills("persona-skills", "the skills of a persona come as an object, by their ids")
async def _of_persona(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    answer = await visit.get(f"/v2/personas/{visit.personas[0].persona_id}/skills/")
    held = answer.fields.get("data", answer.body)
    is_by_id = isinstance(held, dict) and all(
        isinstance(one, dict) and one.get("skill_id", name) == name for name, one in held.items()
    )
    return verdict(answer.status == 200 and (is_by_id or held == []), str(answer))


@skills("persona-tools", "the tools of a persona come as a list, bare or under data")
async def _tools_of_persona(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    answer = await visit.get(f"/v2/personas/{visit.personas[0].persona_id}/tools/")
    return verdict(answer.status == 200 and isinstance(answer.fields.get("data", answer.body), list), str(answer))


@skills("check-username", "Check PAL Username answers 200, with available")
async def _check_username(visit: Visit) -> Verdict:
    answer = await visit.get("/v2/pals/check-username", username="tavus-async-check")
    return verdict(answer.status == 200 and isinstance(answer.fields.get("available"), bool), str(answer))
