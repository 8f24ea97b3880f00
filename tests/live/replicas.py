"""What the SDK assumes of Tavus' replicas: looked at on what the account sees; none is ever trained."""

from tests.live.assumption import Assumptions, is_answer, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL, FACES = "/v2/replicas", "/v2/faces"
NOBODY = "r00000000000"
INVALID_ID = {"error": "Invalid replica_id"}
NO_MEDIA = {"error": "Either train_video_url or train_image_url must be provided."}

replicas = Assumptions(lambda _visit: "")


@replicas("replicas", 'List Replicas answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.replicas = list(await visit.session.list_replicas_page(limit=100, verbose=True))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@replicas("replica-pages", "pages are counted from 1 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [await visit.session.list_replicas_page(page=page, limit=1) for page in (1, 2)]
    if (first.total_count or 0) < 2:
        return unknown("the account sees fewer than two replicas")
    ids = [one.replica_id for page in (first, second) for one in page]
    whole = [one.replica_id for one in await visit.session.list_replicas_page(limit=2)]
    return verdict(ids == whole, "pages 1 and 2 of one replica each differ from a page of two")


@replicas("replica-type", "replica_type=user and replica_type=system give different replicas")
async def _type(visit: Visit) -> Verdict:
    user, system = [await visit.session.list_replicas_page(limit=100, replica_type=kind) for kind in ("user", "system")]
    both = {one.replica_id for one in user} & {one.replica_id for one in system}
    return verdict(not both, f"{len(both)} are both")


@replicas("replica-ids", "replica_ids, with commas between, gives those alone")
async def _ids(visit: Visit) -> Verdict:
    wanted = [one.replica_id for one in visit.replicas[:2]]
    if not wanted:
        return unknown("the account sees no replica")
    found = sorted(one.replica_id for one in await visit.session.list_replicas_page(limit=100, replica_ids=wanted))
    return verdict(found == sorted(wanted), f"{len(found)} came for {len(wanted)}")


@replicas("replica-bare", "Get Replica answers the replica itself, in no envelope")
async def _bare(visit: Visit) -> Verdict:
    if not visit.replicas:
        return unknown("the account sees no replica")
    answer = await visit.get(f"{ALL}/{visit.replicas[0].replica_id}")
    return verdict(answer.status == 200 and "replica_id" in answer.fields, str(answer))


@replicas("faces", "/v2/faces has the same replicas, as face_id and face_name, and takes face_ids")
async def _faces(visit: Visit) -> Verdict:
    if not visit.replicas:
        return unknown("the account sees no replica")
    replica_id = visit.replicas[0].replica_id
    one, some = await visit.get(f"{FACES}/{replica_id}"), await visit.get(FACES, face_ids=replica_id)
    listed = some.fields.get("data")
    is_one = one.fields.get("face_id") == replica_id and "face_name" in one.fields
    return verdict(is_one and isinstance(listed, list) and len(listed) == 1, f"{one}; {some}")


@replicas("replica-unknown", 'an id that is nobody\'s is answered 400, {"error": "Invalid replica_id"}')
async def _unknown(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{NOBODY}"), 400, INVALID_ID)


@replicas("replica-fields", "every field of a replica is known")
async def _fields(visit: Visit) -> Verdict:
    return of_fields(visit, "also", known=False)


@replicas("replica-types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    return of_fields(visit, "another type in", known=True)


@replicas("replica-needs-media", "without a video and a picture, a create is refused with 400", "create")
async def _needs_media(visit: Visit) -> Verdict:
    return is_answer(await visit.ask("POST", ALL, body={"replica_name": visit.throw_away_name}), 400, NO_MEDIA)


def of_fields(visit: Visit, words: str, *, known: bool) -> Verdict:
    if not visit.replicas:
        return unknown("the account sees no replica")
    strange = sorted({name for one in visit.replicas for name in strange_fields(one, known=known)})
    return verdict(not strange, f"{words} {', '.join(strange)}")
