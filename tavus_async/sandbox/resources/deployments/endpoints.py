"""The endpoints of those who have deployments; those of their visitors stand in `visits`."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object, find, find_owned, make_patch
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.deployments.views import etag_of

_CHANNELS = ("widget", "embed", "landing-page")
_DEPLOYMENT_STATES = ("draft", "active", "inactive")
_STALE = error("Precondition Failed: the deployment has been changed", 412)
_COUNTED = ("usage_total", "usage_today")
_FIXED_IN_DEPLOYMENTS = ("deployment_id", "has_password", "created_at", "updated_at", *_COUNTED)


def is_wanted(deployment: StoredObject, request: Request) -> bool:
    """Return whether a deployment is of the persona, the name, the states and the channels that a query asks for."""
    document, query = deployment.document(), request.query
    wanted = {name: query.get(name, "").split(",") for name in ("pal_id", "status", "channel")}
    return query.get("name", "").lower() in str(document.get("name", "")).lower() and all(
        words == [""] or document.get(name) in words for name, words in wanted.items()
    )


def create_deployment(account: Account, request: Request) -> Answer:
    """Store a new deployment of a persona."""
    given = {name: value for name, value in request.json_object().items() if name not in _FIXED_IN_DEPLOYMENTS}
    document: JsonObject = {
        "status": "draft",
        "name": "",
        "customization": {},
        "limits": {},
        "allowed_origins": [],
        "thumbnail_video_url": None,
        "thumbnail_image_url": None,
        **{name: value for name, value in given.items() if value is not None},
        **dict.fromkeys(_COUNTED, 0),
    }
    if wrong := problems(document):
        return error(wrong[0])
    account.collections["personas"].find(str(document["pal_id"]))
    return _told(create_object(account, "deployments", document), request)


def get_deployment(account: Account, request: Request) -> Answer:
    """Return the deployment, with the ETag of its state."""
    return _told(find(account, request, "deployments"), request)


def patch_deployment(account: Account, request: Request) -> Answer:
    """Apply a JSON Patch to the state that `If-Match` names, if it names one."""
    expected = request.headers.get("If-Match")
    if expected not in (None, "*", etag_of(find_owned(account, request, "deployments").document())):
        raise RefusalError(_STALE)
    return _patch(account, request)


def problems(document: JsonObject) -> list[str]:
    """Return one sentence for each rule that a stored *document* breaks."""
    found: list[str] = []
    if not isinstance(document.get("pal_id"), str) or not document.get("pal_id"):
        found.append("pal_id is required")
    for name, words in (("channel", _CHANNELS), ("status", _DEPLOYMENT_STATES)):
        if document.get(name) not in words:
            found.append(f"{name} must be one of: {', '.join(words)}")
    limits = document.get("limits")
    if not isinstance(limits, dict):
        found.append("limits must be an object")
    else:
        found += [f"limits.{name} must be at least 1" for name, value in limits.items() if not _is_limit(value)]
    origins = document.get("allowed_origins")
    if not isinstance(origins, list) or not all(isinstance(origin, str) for origin in origins):
        found.append("allowed_origins must be a list of strings")
    if not isinstance(document.get("password"), str | None):
        found.append("password must be a string")
    return found


def _is_limit(value: Json) -> bool:
    return value is None or (type(value) is int and value >= 1)


def _told(deployment: StoredObject, request: Request) -> Answer:
    etag = etag_of(deployment.document())
    return Answer(body=deployment.body(request.vocabulary), headers={"ETag": etag})


_patch = make_patch("deployments", "deployment", problems=problems, fixed=("has_password", *_COUNTED), answer=_told)
