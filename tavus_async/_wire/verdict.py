"""What goes over the wire, as values: a call, its response, and the verdict on it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeGuard, TypeVar

from tavus_async._records import json
from tavus_async._records.secrets import CREDENTIAL_NAMES
from tavus_async._values import Response
from tavus_async._wire.call import Call
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

T = TypeVar("T")

LONGEST_BODY = 4096
LONGEST_LOOK = LONGEST_BODY * 16
LONGEST_MESSAGE = 300
# Shorter ones stand in too many words.
SHORTEST_SECRET = 6
# What an operation of a JSON Patch has beside its value.
NO_SECRETS = frozenset({"op", "path", "from"})

_ERRORS: Mapping[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableError,
    429: RateLimitedError,
}
_UNKNOWN_ID = re.compile(r"invalid \w+_id\b", re.IGNORECASE)
_TOO_MANY_CONVERSATIONS = re.compile(r"maximum concurrent conversations", re.IGNORECASE)
# Tavus answers 429 to what only support, money or a long break can change.
_NO_WAIT_CURES = re.compile(r"limit reached|cooldown|contact support|quota|out of \w* ?credits", re.IGNORECASE)


def judge(call: Call[Any], response: Response, *, now: datetime | None = None) -> bytes:
    """Return the body of a good answer (2xx, and 304), or raise the ApiError that it amounts to."""
    status = response.status
    if 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED:  # noqa: PLR2004
        return response.body
    raw = redact(response.body, call)
    text = raw[: LONGEST_BODY * 4].decode(errors="replace")
    body = parse_error_body(raw, text)
    message = error_message(body, text) or reason(status)
    asked = retry_after(response.headers, now or datetime.now(UTC))
    raise error_class(status, message)(
        message,
        status=status,
        body=body,
        method=call.method,
        path=call.path,
        retry_after=promised_wait(message) if asked is None else asked,
    )


def redact(answer: bytes, call: Call[Any]) -> bytes:
    """Take out of an answer the secrets of the request, should the server have repeated them.

    They are what the call declares, and what its body has under the names of credentials.
    Of a long answer only as much is looked at, and returned, as an error can show.
    """
    secrets = {text for secret in call.secrets if is_long(text := secret.reveal())}
    if call.body:
        with suppress(ValueError):
            secrets.update(find_secrets(json.loads(call.body)))
    if not secrets:
        return answer
    if len(answer) <= LONGEST_LOOK:
        return hide(plainly(answer), secrets)
    # The cut may have split a secret.
    longest = max(len(spelling) for secret in secrets for spelling in spellings(secret))
    return hide(answer[:LONGEST_LOOK], secrets)[:-longest]


def plainly(answer: bytes) -> bytes:
    """Spell a short JSON text with as few escapes as JSON allows: nothing can be found behind others."""
    if b"\\" not in answer or len(answer) > LONGEST_LOOK:
        return answer
    try:
        return json.dumps(json.loads(answer))
    except ValueError:
        return answer


def hide(answer: bytes, secrets: Iterable[str]) -> bytes:
    """Put stars in the place of secrets, whether they stand in JSON or not."""
    # The longest first: one may begin with another.
    for secret in sorted(secrets, key=len, reverse=True):
        for spelling in spellings(secret):
            answer = answer.replace(spelling, b"***")
    return answer


def spellings(secret: str) -> Iterable[bytes]:
    """Return how a secret can stand in an answer: within JSON in two ways, and as it is."""
    plain = secret.encode(errors="surrogatepass")
    quoted = plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return dict.fromkeys((json.dumps(secret)[1:-1], quoted, plain))


def find_secrets(value: Any, *, is_secret: bool = False) -> Iterator[str]:
    """Find the texts that a body, or a patch of one, has where secrets are kept."""
    if json.is_object(value):
        # An operation of a JSON Patch names its place beside the value.
        place = value.get("path")
        is_operation = not is_secret and "op" in value
        inherited = is_secret or (isinstance(place, str) and not CREDENTIAL_NAMES.isdisjoint(place.split("/")))
        for name, inner in value.items():
            if not is_operation or name not in NO_SECRETS:
                yield from find_secrets(inner, is_secret=inherited or name in CREDENTIAL_NAMES)
    elif json.is_list(value):
        for inner in value:
            yield from find_secrets(inner, is_secret=is_secret)
    elif is_secret and is_long(value):
        yield value


def is_long(text: object) -> TypeGuard[str]:
    """Tell whether a text can be taken out without harm."""
    return isinstance(text, str) and len(text) >= SHORTEST_SECRET


def error_class(status: int, message: str) -> type[ApiError]:
    """Choose the error class; where the status misleads, the server's words decide.

    Sources: the error bodies in https://docs.tavus.io/openapi.yaml, and those seen in production.
    """
    if status == HTTPStatus.BAD_REQUEST and _UNKNOWN_ID.match(message):
        return NotFoundError
    if status == HTTPStatus.BAD_REQUEST and _TOO_MANY_CONVERSATIONS.search(message):
        return ConcurrencyLimitError
    if status == HTTPStatus.TOO_MANY_REQUESTS and _NO_WAIT_CURES.search(message):
        return QuotaExceededError
    return ServerError if 500 <= status < 600 else _ERRORS.get(status, ApiError)  # noqa: PLR2004


def parse_error_body(raw: bytes, text: str) -> Any:
    """Read an error's body: JSON values where it is JSON and short, else its first characters."""
    if len(raw) <= LONGEST_BODY:
        try:
            return json.loads(raw)
        except ValueError:
            pass
    return text[:LONGEST_BODY]


def error_message(body: Any, text: str) -> str:
    """Find the server's words: under `message`, `error` or `detail`, else the text itself."""
    if json.is_object(body):
        for name in ("message", "error", "detail"):
            if isinstance(body.get(name), str) and body[name]:
                return shorten(body[name])
    return shorten(text)


def reason(status: int) -> str:
    """Return the standard words for a status, or none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def shorten(text: str) -> str:
    """Put a text on one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 1]}…"
