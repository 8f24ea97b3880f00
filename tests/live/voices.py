"""What the SDK assumes of Tavus' voices: looked at on what the account sees; none is ever made."""

from tests.live.assumption import Assumptions, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/voices"
NOBODY = "v000000000000"

voices = Assumptions(lambda _visit: "")


@voices("voices", 'List Voices answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.voices = list(await visit.session.list_voices_page(limit=100))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@voices("voice-pages", "pages are counted from 1 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [await visit.session.list_voices_page(page=page, limit=1) for page in (1, 2)]
    if (first.total_count or 0) < 2:
        return unknown("the account sees fewer than two voices")
    found = [one for page in (first, second) for one in page]
    whole = list(await visit.session.list_voices_page(limit=2))
    return verdict(found == whole, "pages 1 and 2 of one voice each differ from a page of two")


@voices("voice-ids", "every voice of the list has a voice_id")
async def _ids(visit: Visit) -> Verdict:
    if not visit.voices:
        return unknown("the account sees no voice")
    without = [one for one in visit.voices if not one.voice_id]
    return verdict(not without, f"{len(without)} of {len(visit.voices)} have none")


@voices("voice-tags", "tags are texts")
async def _tags(visit: Visit) -> Verdict:
    if not visit.voices:
        return unknown("the account sees no voice")
    others = [one for one in visit.voices if not all(isinstance(tag, str) for tag in one.tags or ())]
    return verdict(not others, f"{len(others)} of {len(visit.voices)} have others")


@voices("voice-source", "source=all lists the account's own voices beside the stock")
async def _source(visit: Visit) -> Verdict:
    every = await visit.session.list_voices_page(limit=100, source="all")
    missing = {one.voice_id for one in visit.voices} - {one.voice_id for one in every}
    is_whole = every.total_count is not None and every.total_count <= len(every)
    if not is_whole and missing:
        return unknown("they are not among the first hundred")
    return verdict(not missing, f"{len(missing)} of the others are not there")


@voices("voice-unknown", "an id that is nobody's is answered 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status == 404, str(answer))


@voices("voice-fields", "every field of a voice is known")
async def _fields(visit: Visit) -> Verdict:
    return of_fields(visit, "also", known=False)


@voices("voice-types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    return of_fields(visit, "another type in", known=True)


@voices("voice-needs-recording", "a create without a recording is refused with 400 or 422", "create")
async def _needs_recording(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body={"voice_name": visit.throw_away_name})
    return verdict(answer.status in {400, 422}, str(answer))


def of_fields(visit: Visit, words: str, *, known: bool) -> Verdict:
    if not visit.voices:
        return unknown("the account sees no voice")
    strange = sorted({name for one in visit.voices for name in strange_fields(one, known=known)})
    return verdict(not strange, f"{words} {', '.join(strange)}")
