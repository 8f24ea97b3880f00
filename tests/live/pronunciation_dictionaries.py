"""What the SDK assumes of Tavus' pronunciation dictionaries: looked at on one that is made, changed and deleted."""

from typing import Any

from tests.live.assumption import REFUSALS, Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, verdict

ALL = "/v2/pronunciation-dictionaries"
ID = "pronunciation_dictionary_id"
NOBODY = "pd_00000000000000"
RULE: dict[str, Any] = {"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}
CHANGE = [{"op": "add", "path": "/rules", "value": [RULE | {"text": "CVI", "pronunciation": "see vee eye"}]}]

dictionaries = Assumptions(lambda visit: visit.made.get(ALL, ""))


@dictionaries(
    "dictionaries", "List Pronunciation Dictionaries answers with data and total_count, and begins with page 0"
)
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="10")
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list and answer.fields.get("page") == 0, str(answer))


@dictionaries("dictionary-unknown", "an id that is nobody's is answered 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status == 404, str(answer))


@dictionaries("dictionary-unique", "two rules of one text are refused with 400 or 422", "create")
async def _unique(visit: Visit) -> Verdict:
    answer = await visit.make(ALL, {"name": visit.throw_away_name, "rules": [RULE, RULE]}, ID)
    return verdict(answer.status in REFUSALS, str(answer))


@dictionaries("dictionary-create", "Create Pronunciation Dictionary answers 201 with the whole dictionary", "create")
async def _create(visit: Visit) -> Verdict:
    answer = await visit.make(ALL, {"name": visit.throw_away_name, "rules": [RULE]}, ID)
    is_whole = bool(visit.made.get(ALL)) and isinstance(answer.fields.get("rules"), list)
    return verdict(answer.status == 201 and is_whole, str(answer))


@dictionaries("dictionary-listed", "it is on the first page of the list as soon, without its rules", "change")
async def _listed(visit: Visit) -> Verdict:
    found = await visit.session.find_pronunciation_dictionaries(visit.throw_away_name)
    of_it = [one for one in found if one.pronunciation_dictionary_id == visit.made[ALL]]
    return verdict(bool(of_it) and of_it[0].rules is None, f"{len(found)} of that name, {len(of_it)} of that id")


@dictionaries("dictionary-patch", "add sets all rules at once, and again is answered 304", "change")
async def _patch(visit: Visit) -> Verdict:
    first, second = [await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body=CHANGE) for _ in range(2)]
    read = await visit.session.get_pronunciation_dictionary(visit.made[ALL])
    texts = [rule.text for rule in read.rules or ()]
    return verdict((first.status, second.status, texts) == (200, 304, ["CVI"]), f"{first}, then {second}")


@dictionaries("dictionary-plain", "a plain object is refused with 400 or 422", "change")
async def _plain(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.made[ALL]}", body={"name": visit.throw_away_name})
    return verdict(answer.status in REFUSALS, str(answer))


@dictionaries("dictionary-fields", "every field is known, and has the type that it is known with", "change")
async def _fields(visit: Visit) -> Verdict:
    read = await visit.session.get_pronunciation_dictionary(visit.made[ALL])
    strange = sorted({name for known in (False, True) for name in strange_fields(read, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@dictionaries("dictionary-delete", "Delete Pronunciation Dictionary answers 204", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.unmake(ALL)
    return verdict(answer.status == 204, str(answer))
