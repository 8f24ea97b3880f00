"""What the SDK assumes of Tavus' videos: looked at on what the account has; none is ever rendered."""

from tests.live.assumption import Assumptions, is_answer, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/videos"
NOBODY = "0000000000"
NONE = "the account has no video"

videos = Assumptions(lambda _visit: "")


@videos("videos", 'List Videos answers 200, {"data": [...], "total_count": n}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.videos = list(await visit.session.list_videos_page(limit=100))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    return verdict(answer.status == 200 and is_list, str(answer))


@videos("video-pages", "pages are counted from 0 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    first, second = [await visit.session.list_videos_page(page=page, limit=1) for page in (0, 1)]
    if (first.total_count or 0) < 2:
        return unknown("the account has fewer than two videos")
    ids = [one.video_id for page in (first, second) for one in page]
    whole = [one.video_id for one in await visit.session.list_videos_page(limit=2)]
    return verdict(ids == whole, "pages 0 and 1 of one video each differ from a page of two")


@videos("video-order", "the list has the newest first")
async def _order(visit: Visit) -> Verdict:
    times = [one.created_at for one in visit.videos if one.created_at is not None]
    if len(times) < 2:
        return unknown("the list tells no times of two videos")
    return verdict(times == sorted(times, reverse=True), "they come in another order")


@videos("video-bare", "Get Video answers the video itself, in no envelope")
async def _bare(visit: Visit) -> Verdict:
    if not visit.videos:
        return unknown(NONE)
    answer = await visit.get(f"{ALL}/{visit.videos[0].video_id}")
    return verdict(answer.status == 200 and "video_id" in answer.fields, str(answer))


@videos("video-list-tells-all", "a listed video is as complete as the one that Get Video gives")
async def _tells_all(visit: Visit) -> Verdict:
    if not visit.videos:
        return unknown(NONE)
    listed = visit.videos[0]
    missing = set((await visit.session.get_video(listed.video_id)).to_dict()) - set(listed.to_dict())
    return verdict(not missing, f"without {', '.join(sorted(missing))}")


@videos("video-unknown", 'an id that is nobody\'s is answered 400, {"error": "Invalid video_id"}')
async def _unknown(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{NOBODY}"), 400, {"error": "Invalid video_id"})


@videos("video-fields", "every field of a video is known")
async def _fields(visit: Visit) -> Verdict:
    return of_fields(visit, "also", known=False)


@videos("video-types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    return of_fields(visit, "another type in", known=True)


@videos(
    "video-needs-replica", 'without a replica, a create is refused with 400, {"error": "Invalid replica_id"}', "create"
)
async def _needs_replica(visit: Visit) -> Verdict:
    body = {"script": "Hello.", "video_name": visit.throw_away_name}
    return is_answer(await visit.ask("POST", ALL, body=body), 400, {"error": "Invalid replica_id"})


def of_fields(visit: Visit, words: str, *, known: bool) -> Verdict:
    if not visit.videos:
        return unknown(NONE)
    strange = sorted({name for one in visit.videos for name in strange_fields(one, known=known)})
    return verdict(not strange, f"{words} {', '.join(strange)}")
