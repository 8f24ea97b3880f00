"""The endpoints of documents; how one is read stands in `processing`."""

import math
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.endpoints import create_object, find, find_owned, make_list, save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.listing import list_tags
from tavus_async.sandbox.matching import is_called, is_tagged
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.documents import processing
from tavus_async.sandbox.resources.documents.rules import problems
from tavus_async.sandbox.vocabulary import Vocabulary

_NO_URL = error("Invalid request: document_url is required")
_MOST_WEBSITES = 100
_TOO_MANY_WEBSITES = error(
    f"Crawl document limit reached ({_MOST_WEBSITES}). Contact support@tavus.io to increase your limit.", 429
)
_NO_WEBSITE = error("Document was not created with crawl configuration")
_DOCUMENT_FILTERS = frozenset({"status", "name_or_uuid", "tags", "participant_tags"})
_SETTLED = ("ready", "error")
_DEFAULT_CRAWL: JsonObject = {"depth": 1, "max_pages": 10}
# Seconds of the sandbox's clock between two recrawls of one document.
_COOLDOWN = 3_600.0
_NOT_GIVEN = (
    "document_id",
    "status",
    "display_status",
    "progress",
    "error_message",
    "created_at",
    "updated_at",
    "crawl",
)


def as_read(document: JsonObject, _vocabulary: Vocabulary) -> JsonObject:
    """Return a stored *document* as a GET shows it."""
    return document


def as_read_verbosely(document: JsonObject) -> JsonObject:
    """Return a stored *document* as a verbose GET shows it: also with the status in the words of Tavus' pages."""
    return {**document, "display_status": str(document.get("status", "")).capitalize()}


def create_document(account: Account, request: Request) -> Answer:
    """Store a new document, and begin to read it."""
    given: JsonObject = {name: value for name, value in request.json_object().items() if value is not None}
    if not given.get("document_url"):
        return _NO_URL
    if wrong := problems(given):
        return error(wrong[0])
    crawl = given.get("crawl")
    if isinstance(crawl, dict):
        websites = [each for each in account.collections["documents"] if each.document().get("crawl_config")]
        if len(websites) >= _MOST_WEBSITES:
            return _TOO_MANY_WEBSITES
    document: JsonObject = {
        "document_name": _name_of(str(given["document_url"])),
        "status": "started",
        "progress": None,
        "error_message": None,
        "tags": [],
        **{name: value for name, value in given.items() if name not in _NOT_GIVEN},
        "crawl_config": _merged(crawl),
        "crawled_urls": None,
        "last_crawled_at": None,
        "crawl_count": 0 if isinstance(crawl, dict) else None,
    }
    stored = create_object(account, "documents", document)
    answer = Answer(body=stored.body(request.vocabulary))
    processing.start(account, stored, document["crawl_config"])
    return answer


def get_document(account: Account, request: Request) -> Answer:
    """Return the document."""
    return Answer(body=_shown(account, request, find(account, request, "documents")))


def _shown(_account: Account, request: Request, stored: StoredObject) -> JsonObject:
    is_verbose = request.query.get("verbose", "").lower() == "true"
    return as_read_verbosely(stored.document()) if is_verbose else stored.view(request.vocabulary)


def _is_asked_for(stored: StoredObject, request: Request) -> bool:
    if not request.query.keys() & _DOCUMENT_FILTERS:
        return True  # without looking into each
    document, status = stored.document(), request.query.get("status")
    return (
        (not status or document.get("status") == status)
        and is_called(stored, [document.get("document_name")], request)
        and is_tagged(document.get("tags"), request)
        and is_tagged(document.get("participant_tags"), request, "participant_tags")
    )


list_documents = make_list("documents", first_page=0, tells_page=True, matches=_is_asked_for, summary=_shown)


def list_document_tags(account: Account, request: Request) -> Answer:
    """Return a page of the tags that documents have."""
    return list_tags(account.collections["documents"], request, first_page=0)


def recrawl_document(account: Account, request: Request) -> Answer:
    """Read a website anew, once an hour."""
    stored = find_owned(account, request, "documents")
    body = request.json_object() if request.body else {}
    document, crawl = stored.document(), body.get("crawl")
    if wrong := problems({} if crawl is None else {"crawl": crawl}):
        return error(wrong[0])
    if not document.get("crawl_config") and crawl is None:
        return _NO_WEBSITE
    if document.get("status") not in _SETTLED:
        status = document.get("status")
        return error(f"Document must be in 'ready' or 'error' state to recrawl, current status: {status}", 409)
    if left := _cooldown(account, stored):
        wait = f"please wait {math.ceil(left / 60)} minutes before recrawling this document."
        return error(f"Recrawl cooldown: {wait}", 429)
    stored.internal["recrawled_at"] = account.clock.now()
    # What the body says holds for this time alone, unless there was nothing before.
    once = _merged(document.get("crawl_config"), crawl)
    changes: JsonObject = {"status": "recrawling", "progress": None, "error_message": None}
    save(stored, {**document, **changes, "crawl_config": document.get("crawl_config") or once})
    answer = Answer(status=202, body=stored.body(request.vocabulary))
    processing.start(account, stored, once)
    return answer


def _merged(*crawls: Json) -> JsonObject | None:
    given = [crawl for crawl in crawls if isinstance(crawl, dict)]
    return {name: value for crawl in (_DEFAULT_CRAWL, *given) for name, value in crawl.items()} if given else None


def _cooldown(account: Account, stored: StoredObject) -> float:
    at = stored.internal.get("recrawled_at")
    return max(0.0, at + _COOLDOWN - account.clock.now()) if isinstance(at, float) else 0.0


def _name_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        return PurePosixPath(parts.path).name or parts.hostname or url
    except ValueError:
        return url
