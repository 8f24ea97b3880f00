"""The endpoints of voices, and the few minutes in which one comes to be."""

from datetime import UTC, datetime
from functools import partial

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import NO_CONTENT, Answer, error
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.endpoints import find_owned
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.media import ending, is_link, is_unreachable
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.vocabulary import Vocabulary

__all__ = ["add_voice", "as_read", "create_voice", "delete_voice", "list_voices", "problems"]

# Seconds of the sandbox's clock.
_UNTIL_IT_SPEAKS = 90.0
_LONGEST_NAME, _LONGEST_URL, _LONGEST_DESCRIPTION = 255, 2048, 1000
_MOST_TAGS, _LONGEST_TAG = 50, 64
# Of recordings that are taken; a video will do.
_ENDINGS = ("", ".mp3", ".wav", ".m4a", ".flac", ".ogg", ".oga", ".webm", ".mp4", ".mov")
_UNUSABLE = "The audio could not be processed."
_EVENT = "application.voice_status_changed"


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document


def list_voices(account: Account, request: Request) -> Answer:
    """Return a page of the stock by name, or, with the source "all", of the account's voices too."""
    takes_all = request.query.get("source") == "all"
    search = request.query.get("search", "").lower()
    tags = {tag.lower() for name in ("tag", "tags") for tag in request.query.get(name, "").split(",") if tag}
    found = [
        (_name(document), voice)
        for voice in account.collections["voices"]
        if (takes_all or voice.is_system)
        and (document := voice.document())
        and search in _name(document)
        and (not tags or tags & _tags(document))
    ]
    found.sort(key=lambda each: each[0], reverse=request.query.get("sort") == "desc")
    return list_page([voice for _, voice in found], request, tells_page=True)


def create_voice(account: Account, request: Request) -> Answer:
    """Store a new voice that cannot speak yet, and let it come to be."""
    body = request.json_object()
    given: JsonObject = {name: body[name] for name in ("voice_name", "description") if name in body}
    url, callback_url = body.get("audio_url"), body.get("callback_url")
    if wrong := problems({"voice_name": None, **given}):
        return error(wrong[0])
    if not isinstance(url, str) or not is_link(url) or len(url) > _LONGEST_URL:
        return error("audio_url must be a valid URL")
    stored = add_voice(account, {**given, "status": "started"})
    account.clock.call_later(_UNTIL_IT_SPEAKS, partial(_settle, account, stored, url, callback_url))
    return Answer(body=stored.body(request.vocabulary))


def add_voice(account: Account, given: JsonObject) -> StoredObject:
    """Store a voice of the account's own, made now."""
    document: JsonObject = {
        "voice_name": "",
        "description": None,
        "voice_type": "user",
        "status": "completed",
        "tags": [],
        **given,
        # Of voices, the time is told without a zone.
        "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
    }
    return account.collections["voices"].add(document)


def delete_voice(account: Account, request: Request) -> Answer:
    """Delete a voice that no persona and no replica uses; any other is a conflict."""
    voice = find_owned(account, request, "voices")
    used_by: JsonObject = {
        "pals": sum(_speaks_with(each.document(), voice.id) for each in account.collections["personas"]),
        "faces": sum(
            voice.id in (document.get("default_voice_id"), document.get("original_voice_id"))
            for document in (
                each.document() for each in account.collections["replicas"] if not each.internal.get("is_deleted")
            )
        ),
    }
    if any(used_by.values()):
        return Answer(status=409, body={"error": "Voice is in use", "used_by": used_by})
    account.collections["voices"].remove(voice)
    return NO_CONTENT


def problems(given: JsonObject) -> list[str]:
    """Return one sentence for each rule that the fields of a voice break."""
    found: list[str] = []
    if "voice_name" in given and not _is_text(given["voice_name"], _LONGEST_NAME, least=1):
        found.append(f"voice_name must have 1 to {_LONGEST_NAME} characters")
    description = given.get("description")
    if description is not None and not _is_text(description, _LONGEST_DESCRIPTION):
        found.append(f"description must have at most {_LONGEST_DESCRIPTION} characters")
    if "tags" in given and not _are_tags(given["tags"]):
        found.append(f"tags must be at most {_MOST_TAGS} strings of at most {_LONGEST_TAG} characters")
    return found


def _settle(account: Account, voice: StoredObject, url: str, callback_url: Json) -> None:
    if account.collections["voices"].get(voice.id) is None:
        return
    is_usable = not is_unreachable(url) and ending(url) in _ENDINGS
    told: JsonObject = {"status": "completed"} if is_usable else {"status": "error", "error_message": _UNUSABLE}
    document = {**voice.document(), **told}
    voice.replace(document)
    if isinstance(callback_url, str) and callback_url:
        event: JsonObject = {
            "event_type": _EVENT,
            "message_type": "application",
            "timestamp": timestamp(),
            "webhook_url": callback_url,
            "properties": {"voice_id": voice.id, "voice_name": document["voice_name"], **told},
        }
        account.callbacks.post(callback_url, event, subject_id=voice.id)


def _is_text(value: Json, most: int, *, least: int = 0) -> bool:
    return isinstance(value, str) and least <= len(value.strip()) and len(value) <= most


def _are_tags(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_TAGS and all(_is_text(tag, _LONGEST_TAG) for tag in value)


def _tags(document: JsonObject) -> set[str]:
    tags = document.get("tags")
    listed = tags if isinstance(tags, list) else []
    return {str(tag.get("tag_name") if isinstance(tag, dict) else tag).lower() for tag in listed}


def _name(document: JsonObject) -> str:
    return str(document.get("voice_name")).lower()


def _speaks_with(persona: JsonObject, voice_id: str) -> bool:
    layers = persona.get("layers")
    tts = layers.get("tts") if isinstance(layers, dict) else None
    return isinstance(tts, dict) and tts.get("voice_id") == voice_id
