"""How a document is read: how far it is, how it ends, and what is told of it."""

from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.collection import StoredObject, timestamp
from tavus_async.sandbox.endpoints import save
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.media import ending, is_link, is_unreachable

__all__ = ["failure", "pages_of", "start"]

# Seconds of the sandbox's clock.
_UNTIL_IT_BEGINS = 2.0
_OF_A_FILE = 30.0
_OF_A_PAGE = 5.0
_STEPS_OF_PROGRESS = 10
# Websites that are read at the same time; others wait.
_MOST_CRAWLS = 5

_ENDINGS_OF_PAGES = ("", ".htm", ".html", ".php", ".asp", ".aspx", ".jsp")
_ENDINGS_OF_FILES = (".pdf", ".pptx", ".docx", ".doc", ".txt", ".md", ".csv", ".xlsx", ".json", ".png", ".jpg", ".jpeg")
# A file, or the last part of a website's path, that is named as one of these ends so.
_WORDS_FOR_FAILURES = (
    *("file_download_failed", "file_format_unsupported", "file_size_too_large", "file_empty", "invalid_file_url"),
    *("document_processing_failed", "website_processing_failed", "chunking_failed", "embedding_failed"),
    *("vector_store_failed", "contact_support"),
)
# Of a website whose links lead on; each page beyond has a number instead.
_SECTIONS = ("getting-started", "guides", "api", "pricing", "faq", "changelog")
_LINKS_OF_A_PAGE = 3


def start(account: Account, document: StoredObject, crawl: Json) -> None:
    """Read a *document* whose status is that of one being read, a website as *crawl* says, and tell its callback."""
    _tell(account, document)
    config = crawl if isinstance(crawl, dict) else None
    account.clock.call_later(_UNTIL_IT_BEGINS, partial(_go_on, account, document, config, 0))


def failure(url: str, *, is_website: bool) -> str | None:
    """Return Tavus' word for why nothing can be made of what is at a URL; None where something can."""
    if not is_link(url):
        return "invalid_file_url"
    if is_unreachable(url):
        return "website_processing_failed" if is_website else "file_download_failed"
    name = PurePosixPath(urlsplit(url).path).stem
    if name in _WORDS_FOR_FAILURES:
        return name
    return None if is_website or ending(url) in (*_ENDINGS_OF_PAGES, *_ENDINGS_OF_FILES) else "file_format_unsupported"


def pages_of(url: str, crawl: JsonObject) -> list[Json]:
    """Return the pages that are found from a URL on: three links on each, as far and as many as *crawl* has it."""
    depth, most = crawl.get("depth"), crawl.get("max_pages")
    depth, most = depth if isinstance(depth, int) else 1, most if isinstance(most, int) else 1
    there = sum(_LINKS_OF_A_PAGE**level for level in range(min(depth, 5) + 1))
    names = [*_SECTIONS, *(f"page-{number}" for number in range(len(_SECTIONS) + 1, most))]
    found: list[Json] = [url, *(urljoin(url, name) for name in names)]
    return found[: min(there, most)]


def _go_on(account: Account, document: StoredObject, crawl: JsonObject | None, step: int) -> None:
    if account.collections["documents"].get(document.id) is None:
        return
    stored = document.document()
    url = str(stored.get("document_url", ""))
    reason = failure(url, is_website=crawl is not None)
    if step == 0 and crawl is not None and _are_too_many(account):
        account.clock.call_later(_UNTIL_IT_BEGINS, partial(_go_on, account, document, crawl, step))
    elif reason is not None:
        _change(account, document, {"status": "error", "progress": None, "error_message": reason})
    elif step == _STEPS_OF_PROGRESS:
        read: JsonObject = {"status": "ready", "progress": None, "error_message": None}
        _change(account, document, read if crawl is None else {**read, **_crawled(stored, url, crawl)})
    else:
        # A website that is read anew is so until the end.
        status = "recrawling" if stored.get("status") == "recrawling" else "processing"
        _change(account, document, {"status": status, "progress": step * (100 // _STEPS_OF_PROGRESS)})
        seconds = _OF_A_FILE if crawl is None else _OF_A_PAGE * len(pages_of(url, crawl))
        account.clock.call_later(seconds / _STEPS_OF_PROGRESS, partial(_go_on, account, document, crawl, step + 1))


def _are_too_many(account: Account) -> bool:
    documents = (each.document() for each in account.collections["documents"])
    begun = sum(bool(each.get("crawl_config")) and each.get("progress") is not None for each in documents)
    return begun >= _MOST_CRAWLS


def _crawled(stored: JsonObject, url: str, crawl: JsonObject) -> JsonObject:
    count = stored.get("crawl_count")
    return {
        "crawled_urls": pages_of(url, crawl),
        "last_crawled_at": timestamp(),
        "crawl_count": count + 1 if isinstance(count, int) else 1,
    }


def _change(account: Account, document: StoredObject, changes: JsonObject) -> None:
    before = document.document()
    save(document, {**before, **changes})
    if before.get("status") != changes["status"]:
        _tell(account, document)


def _tell(account: Account, document: StoredObject) -> None:
    body = document.document()
    url = body.get("callback_url")
    if isinstance(url, str) and url:
        account.callbacks.post(url, body, subject_id=document.id)
