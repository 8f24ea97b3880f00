"""What the SDK assumes of Tavus' personas."""

import json

import attrs

from tavus_async import ApiError, AsyncSession, LlmLayer, Persona, PersonaDraft, patch
from tests.live.assumption import NOT_A_SECRET, REFUSALS, Assumptions, is_answer, strange_fields
from tests.live.visit import CONFIRMED, Answer, Verdict, Visit, different, unknown, verdict

ALL, PALS = "/v2/personas", "/v2/pals"
NOBODY = "p000000000000"
RATE_WORDS = ("ratelimit", "rate-limit", "retry-after")

personas = Assumptions(lambda visit: visit.throw_away)


@personas("wrong-key", 'a wrong key is answered 401, {"message": "Invalid access token"}')
async def _wrong_key(_visit: Visit) -> Verdict:
    async with AsyncSession(NOT_A_SECRET) as stranger:
        try:
            await stranger.list_personas_page(limit=1)
        except ApiError as error:
            return is_answer(Answer(error.status, error.body), 401, {"message": "Invalid access token"})
    return different("it is accepted")


@personas("list", 'List Personas answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.personas = list(await visit.session.list_personas_page(limit=100))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@personas("limit", "a page holds as many as limit says, 100 at least")
async def _limit(visit: Visit) -> Verdict:
    page = await visit.session.list_personas_page(limit=100)
    if page.total_count is None:
        return unknown("no total_count")
    return verdict(len(page) == min(100, page.total_count), f"{len(page)} of {page.total_count}")


@personas("pages", "pages are counted from 1 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [await visit.session.list_personas_page(page=page, limit=1) for page in (1, 2)]
    if (first.total_count or 0) < 2:
        return unknown("the account sees fewer than two personas")
    ids = [persona.persona_id for page in (first, second) for persona in page]
    expected = [persona.persona_id for persona in visit.personas[:2]]
    return verdict(ids == expected, "pages 1 and 2 of one persona each differ from the first two of a page of 100")


@personas("persona-type", "persona_type=user and persona_type=system give different personas")
async def _persona_type(visit: Visit) -> Verdict:
    user, system = [await visit.session.list_personas_page(limit=100, persona_type=kind) for kind in ("user", "system")]
    both = {persona.persona_id for persona in user} & {persona.persona_id for persona in system}
    return verdict(not both, f"{len(both)} personas are both")


@personas("get-bare", "Get Persona answers the persona itself, in no envelope")
async def _get_bare(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    answer = await visit.get(f"{ALL}/{visit.personas[0].persona_id}")
    return verdict(answer.status == 200 and "persona_id" in answer.fields, str(answer))


@personas("list-tells-all", "a listed persona has all that getting it tells")
async def _list_tells_all(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    for listed in visit.personas[:3]:
        got = await visit.session.get_persona(listed.persona_id)
        if got != listed:
            return different(f"other values under {', '.join(names_that_differ(listed, got))}")
    return CONFIRMED


@personas("pals", "/v2/pals answers the same persona as pal_id and pal_name")
async def _pals(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    answer = await visit.get(f"{PALS}/{visit.personas[0].persona_id}")
    is_so = answer.status == 200 and answer.fields.get("pal_id") == visit.personas[0].persona_id
    return verdict(is_so and "pal_name" in answer.fields, str(answer))


@personas("unknown-id", 'an id that is nobody\'s is answered 400, {"error": "Invalid persona_id"}')
async def _unknown_id(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{NOBODY}"), 400, {"error": "Invalid persona_id"})


@personas("fields", "every field of a persona is known")
async def _fields(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    strange = sorted({name for persona in visit.personas for name in strange_fields(persona, known=False)})
    return verdict(not strange, f"also {', '.join(strange)}")


@personas("types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    strange = sorted({name for persona in visit.personas for name in strange_fields(persona, known=True)})
    return verdict(not strange, f"another type in {', '.join(strange)}")


@personas("masks", "keys of other services are shown masked, if at all")
async def _masks(visit: Visit) -> Verdict:
    shown = [layer.api_key for one in visit.personas for layer in (one.layers.llm, one.layers.tts) if layer.api_key]
    if not shown:
        return unknown("no persona has such a key")
    clear = [secret for secret in shown if "*" not in secret.reveal() and len(secret.reveal()) > 8]
    return verdict(not clear, f"{len(clear)} of {len(shown)} without an asterisk")


@personas("rate-headers", "no header tells a rate limit")
async def _rate_headers(visit: Visit) -> Verdict:
    told = {name.lower(): value for headers in visit.ear.headers for name, value in headers.items()}
    found = sorted(f"{name}: {value}" for name, value in told.items() if any(word in name for word in RATE_WORDS))
    return verdict(not found, "; ".join(found))


@personas("create", "Create Persona answers 200 with persona_id, persona_name and created_at", "create")
async def _create(visit: Visit) -> Verdict:
    llm = LlmLayer(base_url="https://example.com/v1", model="none", api_key=NOT_A_SECRET)
    draft = PersonaDraft(persona_name=visit.throw_away_name, system_prompt="A check. Delete me.")
    draft = attrs.evolve(draft, layers=attrs.evolve(draft.layers, llm=llm))
    created = await visit.session.create_persona(draft)
    visit.throw_away = created.persona_id
    visit.personas_created.append(created.persona_id)
    is_so = (visit.ear.statuses[-1], created.persona_name) == (
        200,
        draft.persona_name,
    ) and created.created_at is not None
    return verdict(is_so, f"{visit.ear.statuses[-1]} with {', '.join(created.to_dict())}")


@personas("create-needs-prompt", "without a system_prompt, a create in full mode is refused with 400", "create")
async def _create_needs_prompt(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body={"persona_name": visit.throw_away_name, "pipeline_mode": "full"})
    if answer.status < 300 and isinstance(answer.fields.get("persona_id"), str):
        visit.personas_created.append(answer.fields["persona_id"])
    return verdict(answer.status == 400, str(answer))


@personas("read-after-create", "a persona can be read as soon as it is created", "change")
async def _read_after_create(visit: Visit) -> Verdict:
    persona = await visit.session.get_persona(visit.throw_away)
    return verdict(persona.persona_name == visit.throw_away_name, "another name")


@personas("find", "it is on the list at once, under persona_type=user", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_personas(visit.throw_away_name)
    return verdict([one.persona_id for one in found] == [visit.throw_away], f"{len(found)} found")


@personas("masks-what-was-sent", "a key that was sent comes back masked, or not at all", "change")
async def _masks_what_was_sent(visit: Visit) -> Verdict:
    body = (await visit.get(f"{ALL}/{visit.throw_away}")).body
    return verdict(NOT_A_SECRET not in json.dumps(body), "it came back as it was sent")


@personas("patch", "Patch Persona takes a JSON Patch and answers 200", "change")
async def _patch(visit: Visit) -> Verdict:
    operations = [patch.replace("/system_prompt", "A check.").to_dict()]
    answer = await visit.ask("PATCH", f"{ALL}/{visit.throw_away}", body=operations)
    persona = await visit.session.get_persona(visit.throw_away)
    return verdict(answer.status == 200 and persona.system_prompt == "A check.", str(answer))


@personas("patch-unchanged", "a patch that changes nothing is answered 304, with no body", "change")
async def _patch_unchanged(visit: Visit) -> Verdict:
    operations = [patch.replace("/system_prompt", "A check.").to_dict()]
    answer = await visit.ask("PATCH", f"{ALL}/{visit.throw_away}", body=operations)
    return verdict((answer.status, answer.body) == (304, None), str(answer))


@personas("patch-add", "add sets a field that the stored persona lacks", "change")
async def _patch_add(visit: Visit) -> Verdict:
    await visit.session.patch_persona(visit.throw_away, [patch.add("/greeting", "Hello")])
    persona = await visit.session.get_persona(visit.throw_away)
    return verdict(persona.greeting == "Hello", "it is not there afterwards")


@personas("patch-missing", "replacing what is not there is refused with 400 or 422", "change")
async def _patch_missing(visit: Visit) -> Verdict:
    operations = [patch.replace("/layers/nothing/here", 1).to_dict()]
    answer = await visit.ask("PATCH", f"{ALL}/{visit.throw_away}", body=operations)
    return verdict(answer.status in REFUSALS, str(answer))


@personas("patch-atomic", "a patch is applied as a whole or not at all", "change")
async def _patch_atomic(visit: Visit) -> Verdict:
    operations = [patch.add("/greeting", "Half"), patch.test("/system_prompt", "Something else.")]
    answer = await visit.ask("PATCH", f"{ALL}/{visit.throw_away}", body=[one.to_dict() for one in operations])
    persona = await visit.session.get_persona(visit.throw_away)
    is_so = answer.status in REFUSALS and persona.greeting == "Hello"
    return verdict(is_so, f"{answer}, and the first half is {'not ' * (persona.greeting == 'Hello')}applied")


@personas("patch-format", "what is no JSON Patch is answered 422", "change")
async def _patch_format(visit: Visit) -> Verdict:
    answer = await visit.ask("PATCH", f"{ALL}/{visit.throw_away}", body={"greeting": "Hi"})
    return is_answer(answer, 422, {"message": "Invalid JSON patch format"})


@personas("patch-pal", "/v2/pals takes a patch in the names of PALs", "change")
async def _patch_pal(visit: Visit) -> Verdict:
    operations = [patch.replace("/pal_name", f"{visit.throw_away_name} again").to_dict()]
    answer = await visit.ask("PATCH", f"{PALS}/{visit.throw_away}", body=operations)
    persona = await visit.session.get_persona(visit.throw_away)
    return verdict(persona.persona_name == f"{visit.throw_away_name} again", str(answer))


@personas("delete", "Delete Persona answers 204, with no body", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.ask("DELETE", f"{ALL}/{visit.throw_away}")
    if answer.status < 300:
        visit.personas_created.remove(visit.throw_away)
    return verdict((answer.status, answer.body) == (204, None), str(answer))


@personas("delete-again", "deleting it again is answered 400, as for an id that is nobody's", "change")
async def _delete_again(visit: Visit) -> Verdict:
    return is_answer(await visit.ask("DELETE", f"{ALL}/{visit.throw_away}"), 400, {"error": "Invalid persona_id"})


def names_that_differ(one: Persona, other: Persona) -> list[str]:
    return sorted(operation.path for operation in patch.diff(one.to_dict(), other.to_dict()))
