"""Lists in pages, in the ways that Tavus asks for them and answers them."""

from collections.abc import Callable, Iterable, Sequence

from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import JsonObject, encode
from tavus_async.sandbox.request import Request

__all__ = ["list_page", "list_tags"]


def list_page(
    objects: Sequence[StoredObject],
    request: Request,
    *,
    first_page: int = 1,
    limit: int = 10,
    items: str = "data",
    total: str = "total_count",
    tells_page: bool = False,
    summary: Callable[[StoredObject], JsonObject] | None = None,
) -> Answer:
    """Return the page of *objects* that the query asks for; raises `RefusalError` where it makes no sense.

    *first_page* is the number and the default of the first page, *limit* the default number of objects in one.
    The body is `{items: [...], total: 30}`, with the numbers `page` and `limit` if it *tells_page*.
    Each object is there as reading it shows it, or as *summary* has it.
    """
    page, size, start = _window(request, first_page, limit)
    shown = objects[start : start + size]
    bodies = b", ".join(
        stored.body(request.vocabulary) if summary is None else encode(summary(stored)) for stored in shown
    )
    rest = {total: len(objects)} | ({"page": page, "limit": size} if tells_page else {})
    return Answer(body=b"{%b: [%b], %b" % (encode(items), bodies, encode({**rest})[1:]))


def list_tags(objects: Iterable[StoredObject], request: Request, *, first_page: int = 1, limit: int = 100) -> Answer:
    """Return the page of the tags of *objects* that the query asks for, in alphabetical order; `search` is in each."""
    search = request.query.get("search", "").lower()
    _, size, start = _window(request, first_page, limit)
    found = sorted({tag for each in objects for tag in _tags(each.document()) if search in tag.lower()})
    return Answer(body={"tags": [*found[start : start + size]], "total_count": len(found)})


def _tags(document: JsonObject) -> list[str]:
    tags = document.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _window(request: Request, first_page: int, limit: int) -> tuple[int, int, int]:
    size, page = _integer(request, "limit", limit), _integer(request, "page", first_page)
    if size < 1:
        raise RefusalError(error("Invalid request: limit must be a positive integer"))
    # Tavus' own command line asks for page 0 when it means the first.
    return page, size, (max(page, first_page) - first_page) * size


def _integer(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        raise RefusalError(error(f"Invalid request: {name} must be an integer")) from None
