"""The chunks that a document is cut into, made up of its name and its pages."""

from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.endpoints import find
from tavus_async.sandbox.json import Json, JsonObject
from tavus_async.sandbox.request import Request

_COLLECTIONS = ("regular", "customer_support")
_NO_COLLECTION = error(f"Invalid request: collection must be one of: {', '.join(_COLLECTIONS)}")
_NO_OFFSET = error("Invalid request: offset is not one of this list")
_CHUNKS_PER_PAGE = 500
_NO_LIMIT = error(f"Invalid request: limit must be between 1 and {_CHUNKS_PER_PAGE}")
_DEFAULT_LIMIT = 100
_OF_EACH_PAGE = 5


def list_document_chunks(account: Account, request: Request) -> Answer:
    """Return some chunks of a document that was read, and where the next ones begin."""
    stored = find(account, request, "documents")
    collection = request.query.get("collection") or _COLLECTIONS[0]
    if collection not in _COLLECTIONS:
        return _NO_COLLECTION
    limit = _number(request, "limit", _DEFAULT_LIMIT, _NO_LIMIT)
    if not 1 <= limit <= _CHUNKS_PER_PAGE:
        return _NO_LIMIT
    offset = _number(request, "offset", 0, _NO_OFFSET)
    document = stored.document()
    is_kept_apart = document.get("is_customer_support_document") is True
    found = _chunks(stored.id, document) if is_kept_apart == (collection == _COLLECTIONS[1]) else []
    if not 0 <= offset <= len(found):
        return _NO_OFFSET
    end = offset + limit
    return Answer(body={"chunks": [*found[offset:end]], "next_offset": str(end) if end < len(found) else None})


def _chunks(document_id: str, document: JsonObject) -> list[Json]:
    # While a website is read anew, the chunks of the last time are there.
    if document.get("status") not in {"ready", "recrawling"}:
        return []
    name, pages = document.get("document_name"), document.get("crawled_urls")
    sources = pages if isinstance(pages, list) and pages else [document.get("document_url")]
    return [
        {
            "id": f"{document_id}-{page}-{part}",
            "content": f"{name}, page {page + 1}, part {part + 1} of {_OF_EACH_PAGE}.",
            "metadata": {"source": source},
        }
        for page, source in enumerate(sources)
        for part in range(_OF_EACH_PAGE)
    ]


def _number(request: Request, name: str, default: int, refusal: Answer) -> int:
    try:
        return int(request.query.get(name) or default)
    except ValueError:
        raise RefusalError(refusal) from None
