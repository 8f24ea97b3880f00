"""Lists in pages, in the ways that Tavus asks for them and answers them."""

from collections.abc import Sequence

from tavus_async.sandbox.answers import Answer, RefusalError, error
from tavus_async.sandbox.collection import StoredObject
from tavus_async.sandbox.json import encode
from tavus_async.sandbox.request import Request

__all__ = ["list_page"]


def list_page(
    objects: Sequence[StoredObject],
    request: Request,
    *,
    first_page: int = 1,
    limit: int = 10,
    items: str = "data",
    total: str = "total_count",
    tells_page: bool = False,
) -> Answer:
    """Return the page of *objects* that the query asks for; raises `RefusalError` where it makes no sense.

    *first_page* is the number and the default of the first page, *limit* the default number of objects in one.
    The body is `{items: [...], total: 30}`, with the numbers `page` and `limit` if it *tells_page*.
    """
    size, page = _integer(request, "limit", limit), _integer(request, "page", first_page)
    if size < 1:
        raise RefusalError(error("Invalid request: limit must be a positive integer"))
    # Tavus' own command line asks for page 0 when it means the first.
    start = (max(page, first_page) - first_page) * size
    bodies = b", ".join(stored.body(request.vocabulary) for stored in objects[start : start + size])
    rest = {total: len(objects)} | ({"page": page, "limit": size} if tells_page else {})
    return Answer(body=b"{%b: [%b], %b" % (encode(items), bodies, encode({**rest})[1:]))


def _integer(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError:
        raise RefusalError(error(f"Invalid request: {name} must be an integer")) from None
