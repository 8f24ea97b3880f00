"""The endpoints of replicas; how one is trained stands in `training`."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error, message
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object, find, find_owned, save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.media import is_link
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.replicas import training
from tavus_async.sandbox.resources.replicas.names import FROM_FACE, TO_FACE
from tavus_async.sandbox.vocabulary import Vocabulary, rename

_NO_MEDIA = error("Either train_video_url or train_image_url must be provided.")
_TWO_MEDIA = error("Only one of train_video_url and train_image_url can be provided.")
_NO_VOICE = error("voice_name is required when train_image_url is provided.")
_NOT_A_TYPE = error("replica_type must be one of: user, system")
_DELETED = message("Replica not found", 404)
_MODELS = ("phoenix-2", "phoenix-3", "phoenix-4", "phoenix-4.5")
_MEDIA_FIELDS = ("train_video_url", "train_image_url", "consent_video_url")
_TEXT_FIELDS = ("replica_name", "voice_name", "default_voice_id", "callback_url", "model_name")
_CHANGEABLE = ("replica_name", "default_voice_id")
_AFTER_A_CHANGE = ("replica_id", "replica_name", "default_voice_id", "original_voice_id")


def as_read(document: JsonObject, vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document if vocabulary is Vocabulary.PERSONA else rename(document, TO_FACE)


def find_replica(account: Account, request: Request) -> StoredObject:
    """Return the replica that the path names; raises `RefusalError` where there is none, or no longer."""
    return _there(account, find(account, request, "replicas"))


def find_own_replica(account: Account, request: Request) -> StoredObject:
    """Return the replica that the path names if it may be changed; raises `RefusalError` for all others."""
    return _there(account, find_owned(account, request, "replicas"))


def get_replica(account: Account, request: Request) -> Answer:
    """Return the replica."""
    return Answer(body=find_replica(account, request).body(request.vocabulary))


def list_replicas(account: Account, request: Request) -> Answer:
    """Return a page of the replicas that the filters leave, in the order of creation or the recommended ones first."""
    query = request.query
    kind = query.get("replica_type") or query.get("face_type")
    if kind not in {None, "", "user", "system"}:
        return _NOT_A_TYPE
    ids = {each for name in ("replica_ids", "face_ids") for each in query.get(name, "").split(",") if each}
    model_name = query.get("model_name")
    found = [
        (not document.get("is_recommended"), replica)
        for replica in account.collections["replicas"]
        if not replica.internal.get("is_deleted")
        and (not kind or replica.is_system == (kind == "system"))
        and (not ids or replica.id in ids)
        and (document := replica.document())
        and (not model_name or document.get("model_name") == model_name)
    ]
    if query.get("sort") == "recommended":
        found.sort(key=lambda each: each[0])
    return list_page([replica for _, replica in found], request)


def create_replica(account: Account, request: Request) -> Answer:
    """Store a new replica, begin to train it, and return its id and status."""
    body = rename(request.json_object(), FROM_FACE)
    draft: JsonObject = {name: value for name, value in body.items() if value not in (None, "")}
    _check(draft)
    document: JsonObject = {
        "replica_name": draft.get("replica_name", ""),
        "status": "started",
        "training_progress": "0/100",
        "error_message": None,
        "replica_type": "user",
        "model_name": draft.get("model_name", "phoenix-4"),
        "default_voice_id": draft.get("default_voice_id"),
        "original_voice_id": draft.get("default_voice_id"),
        "tags": [],
    }
    stored = create_object(account, "replicas", document)
    training.start(account, stored, draft, request.vocabulary)
    return _told(stored, ("replica_id", "status"), request)


def update_replica(account: Account, request: Request) -> Answer:
    """Change the name, the voice, or both, and return them."""
    replica = find_own_replica(account, request)
    body = rename(request.json_object(), FROM_FACE)
    given = {name: body[name] for name in _CHANGEABLE if name in body}
    if not given:
        return error("At least one of replica_name and default_voice_id is required")
    for name, value in given.items():
        if not _says_something(value):
            return error(f"{name} must be a string, neither null nor blank")
    save(replica, {**replica.document(), **given})
    return _told(replica, _AFTER_A_CHANGE, request)


def rename_replica(account: Account, request: Request) -> Answer:
    """Change the name, and say no more than that."""
    replica = find_own_replica(account, request)
    name = rename(request.json_object(), FROM_FACE).get("replica_name")
    if not _says_something(name):
        return error("replica_name is required")
    save(replica, {**replica.document(), "replica_name": name})
    return Answer()


def delete_replica(account: Account, request: Request) -> Answer:
    """Hide the replica, or, if the query says *hard*, forget all of it but that its id is taken."""
    replica = find_owned(account, request, "replicas")
    is_hard = request.query.get("hard", "").lower() == "true"
    if not is_hard or replica.internal.get("is_gone"):
        replica = _there(account, replica)
    replica.internal["is_deleted"] = True
    if is_hard:
        replica.internal["is_gone"] = True
        replica.replace({"replica_id": replica.id})
    return Answer()


def _there(account: Account, replica: StoredObject) -> StoredObject:
    if replica.internal.get("is_gone"):
        raise RefusalError(account.collections["replicas"].definition.unknown)
    if replica.internal.get("is_deleted"):
        raise RefusalError(_DELETED)
    return replica


def _check(draft: JsonObject) -> None:
    video, image = "train_video_url" in draft, "train_image_url" in draft
    wrong = [name for name in _TEXT_FIELDS if name in draft and not isinstance(draft[name], str)]
    links = [name for name in _MEDIA_FIELDS if name in draft and not is_link(draft[name])]
    refusals = (
        (not video and not image, _NO_MEDIA),
        (video and image, _TWO_MEDIA),
        (bool(links), error(f"{''.join(links[:1])} must be a valid URL")),
        (bool(wrong), error(f"{''.join(wrong[:1])} must be a string")),
        (image and not (draft.get("voice_name") or draft.get("default_voice_id")), _NO_VOICE),
        (draft.get("model_name", _MODELS[0]) not in _MODELS, error(f"model_name must be one of: {', '.join(_MODELS)}")),
    )
    for is_refused, refusal in refusals:
        if is_refused:
            raise RefusalError(refusal)


def _told(replica: StoredObject, names: tuple[str, ...], request: Request) -> Answer:
    document = replica.document()
    return Answer(body=as_read({name: document.get(name) for name in names}, request.vocabulary))


def _says_something(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())
