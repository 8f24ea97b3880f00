"""The verdict on an answer: its body, or the ApiError that status and message amount to."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from http import HTTPStatus
from typing import Any

from tavus_async._records import json
from tavus_async._values import Response
from tavus_async._wire.call import Call
from tavus_async._wire.redaction import redact, redact_headers, secrets_of
from tavus_async._wire.retry_after import promised_wait, retry_after
from tavus_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConcurrencyLimitError,
    ConflictError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitedError,
    ServerError,
    UnprocessableError,
)

# Characters of an error's body and of its message that are kept.
LONGEST_BODY = 4096
LONGEST_MESSAGE = 300

_ERRORS: Mapping[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    422: UnprocessableError,
    429: RateLimitedError,
}
_UNKNOWN_ID = re.compile(r"invalid \w+_id\b|(bad request\. )?\w+ not attached to\b", re.IGNORECASE)
# What tells that it is an object which is missing, as in `Document not found`: a gateway says `Not Found` as well.
_NO_OBJECT = re.compile(
    r"""invalid[ ]\w+_id\b | unknown[ ]\w+[ ]'
        | (?!.*\b(page|route|path|ur[li]|endpoint|resource|requested|site|file|server|host|method|handler)\b)
          (the[ ])?[a-z_]+([ ][a-z_]+){0,3}?([ ](was|is))?[ ]not[ ]found\.?\Z""",
    re.IGNORECASE | re.VERBOSE,
)
# What a server says of an endpoint that there is not, and Tavus perhaps of an object.
_NOTHING_SAID = re.compile(
    r"not (be )?found|\b404\b|^cannot (get|post|put|patch|delete)\b|no (such )?route", re.IGNORECASE
)
NO_ENDPOINT = "Either no object of this account has that id, or there is no such endpoint: check path and base URL."
NO_REDIRECT = "A redirect is not followed, since it would carry the API key elsewhere: check the base URL."
_TOO_MANY_CONVERSATIONS = re.compile(r"maximum concurrent conversations", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
# What steers a terminal, ends a line, or turns the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Tavus answers 429 to what only support, money or a long break can change, and then asks for no wait by a header.
_NO_WAIT_CURES = re.compile(r"limit reached|cooldown|contact support|quota|out of \w* ?credits", re.IGNORECASE)


def judge(call: Call[Any], response: Response, *, now: datetime | None = None) -> bytes:
    """Return the body of a good answer (2xx, and 304); raise the ApiError that any other amounts to."""
    status = response.status
    if 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED:  # noqa: PLR2004
        return response.body
    raw = redact(response.body, call)
    text = raw[: LONGEST_BODY * 4].decode(errors="replace")  # a character takes up to four bytes
    body = _parse_body(raw, text)
    message = _find_message(body, text, status) or _reason_phrase(status)
    asked = retry_after(response.headers, now or datetime.now(UTC))
    error = _choose_class(status, message, asks_to_wait=asked is not None)(
        message,
        status=status,
        body=body,
        headers=redact_headers(response.headers, secrets_of(call)),
        method=call.method,
        path=call.path,
        retry_after=promised_wait(message) if asked is None else asked,
        refused=status == HTTPStatus.SERVICE_UNAVAILABLE and asked is not None,
    )
    if isinstance(error, NotFoundError) and not _NO_OBJECT.match(message):
        error.hint = NO_ENDPOINT if _NOTHING_SAID.search(message) else ""
    if 300 <= status < 400:  # noqa: PLR2004
        error.hint = NO_REDIRECT
    raise error


def _choose_class(status: int, message: str, *, asks_to_wait: bool) -> type[ApiError]:
    # Where the status misleads, the server's words decide. Sources: the error bodies in
    # https://docs.tavus.io/openapi.yaml, and those seen in production.
    if status == HTTPStatus.BAD_REQUEST and _UNKNOWN_ID.match(message):
        return NotFoundError
    if status == HTTPStatus.BAD_REQUEST and _TOO_MANY_CONVERSATIONS.search(message):
        return ConcurrencyLimitError
    if status == HTTPStatus.TOO_MANY_REQUESTS and not asks_to_wait and _NO_WAIT_CURES.search(message):
        return QuotaExceededError
    return ServerError if 500 <= status < 600 else _ERRORS.get(status, ApiError)  # noqa: PLR2004


def _parse_body(raw: bytes, text: str) -> Any:
    """Return JSON values where the body is JSON and short, else its first characters."""
    if len(raw) <= LONGEST_BODY:
        try:
            return json.loads(raw)
        except ValueError:
            pass
    return text[:LONGEST_BODY]


def _find_message(body: Any, text: str, status: int) -> str:
    """Return the server's words: under `message`, `error` or `detail`, else the text itself; as one short line.

    Of a page of HTML, which is a gateway's, it is the heading; "" where it has none.
    """
    words = find_words(body) or text
    if _MARKUP.match(words):
        words = find_heading(words).removeprefix(f"{status} ")
    line = " ".join(_STEERING.sub(" ", words).split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 1]}…"


def find_words(body: Any, *, depth: int = 3) -> str | None:
    """Return the text under `message`, `error` or `detail`, or within what stands there; None where there is none."""
    held = [body.get(name) for name in ("message", "error", "detail")] if json.is_object(body) and depth else []
    plain = (value for value in held if isinstance(value, str) and value)
    inner = (find_words(value[0] if json.is_list(value) and value else value, depth=depth - 1) for value in held)
    return next(plain, None) or next(filter(None, inner), None)


def find_heading(page: str) -> str:
    """Return the title of an HTML page, its first heading, or the message of an XML text; "" where it has none."""
    for name in ("title", "h1", "message"):
        start = re.search(rf"<{name}(\s[^<>]{{0,200}})?>", page, re.IGNORECASE)
        end = start and re.compile(rf"</{name}\s*>", re.IGNORECASE).search(page, start.end())
        if start and end:
            text = unescape(re.sub(r"<[^<>]{0,200}>", " ", page[start.end() : end.start()]))
            if text.strip():
                return " ".join(text.split())
    return ""


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
