"""What the SDK assumes of Tavus' deployments: looked at on a draft that nobody can visit."""

from tavus_async import ConflictError, patch
from tests.live.assumption import Assumptions, strange_fields
from tests.live.visit import CONFIRMED, Verdict, Visit, different, unknown, verdict

ALL = "/v2/deployments"
NOBODY = "00000000-0000-0000-0000-000000000000"

deployments = Assumptions(lambda visit: visit.deployment)


@deployments("deployments", 'List Deployments answers 200, {"deployments": [...], "total": n}, from page 0')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="20", page="0")
    is_list = isinstance(answer.fields.get("deployments"), list) and type(answer.fields.get("total")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@deployments("deployment-unknown", "an id that is nobody's is answered 400 or 404")
async def _unknown(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{NOBODY}")
    return verdict(answer.status in {400, 404}, str(answer))


@deployments(
    "deployment-create", "Create Deployment takes pal_id and channel, and answers 200 with the deployment", "create"
)
async def _create(visit: Visit) -> Verdict:
    if not visit.personas:
        return unknown("the account sees no persona")
    persona_id = visit.personas[0].persona_id
    body = {"pal_id": persona_id, "channel": "embed", "name": visit.throw_away_name, "status": "draft"}
    answer = await visit.ask("POST", ALL, body=body | {"password": "thrown-away-at-once"})
    visit.deployment = visit.note_deployment(answer)
    is_whole = answer.fields.get("pal_id") == persona_id and answer.fields.get("status") == "draft"
    return verdict(answer.status == 200 and bool(visit.deployment) and is_whole, str(answer))


@deployments("deployment-password", "has_password is told, and the password never", "change")
async def _password(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/{visit.deployment}")
    return verdict(answer.fields.get("has_password") is True and not answer.fields.get("password"), str(answer))


@deployments("deployment-find", "it is on the list as soon", "change")
async def _find(visit: Visit) -> Verdict:
    found = await visit.session.find_deployments(visit.throw_away_name)
    return verdict(visit.deployment in [one.deployment_id for one in found], f"{len(found)} of that name")


@deployments("deployment-etag", "Get Deployment has an ETag, which changes with each change", "change")
async def _etag(visit: Visit) -> Verdict:
    before = await visit.session.get_deployment(visit.deployment)
    await visit.session.patch_deployment(visit.deployment, [patch.add("/allowed_origins", ["https://tavus.example"])])
    after = await visit.session.get_deployment(visit.deployment)
    return verdict(bool(before.etag) and before.etag != after.etag, "no ETag, or the same after a change")


@deployments("deployment-if-match", "a stale If-Match is answered 409 or 412", "change")
async def _if_match(visit: Visit) -> Verdict:
    steps = [patch.add("/allowed_origins", [])]
    try:
        await visit.session.patch_deployment(visit.deployment, steps, etag='W/"of nobody"')
    except ConflictError:
        return CONFIRMED
    return different("the patch was applied")


@deployments(
    "deployment-fields", "every field of a deployment is known, and has the type that it is known with", "change"
)
async def _fields(visit: Visit) -> Verdict:
    read = await visit.session.get_deployment(visit.deployment)
    strange = sorted({name for known in (False, True) for name in strange_fields(read, known=known)})
    return verdict(not strange, f"also, or of another type, {', '.join(strange)}")


@deployments("deployment-delete", "Delete Deployment answers 200 or 204", "change")
async def _delete(visit: Visit) -> Verdict:
    answer = await visit.ask("DELETE", f"{ALL}/{visit.deployment}")
    if 200 <= answer.status < 300:
        visit.deployments_created.remove(visit.deployment)
    return verdict(answer.status in {200, 204}, str(answer))
