"""Answers as values: a status, a body and headers, and the bodies that Tavus is known to send."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import Attribute, field, frozen

from tavus_async._settings.checks import not_negative, refuse
from tavus_async.sandbox.json import Json, encode

__all__ = ["NO_CONTENT", "NO_HEADERS", "TOO_LARGE", "Answer", "RefusalError", "error", "message"]

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def _check_status(instance: object, attribute: "Attribute[int]", value: object) -> None:
    if type(value) is not int or value not in range(200, 600):
        refuse(instance, attribute, "a status from 200 to 599", value)


@frozen(kw_only=True)
class Answer:
    """One answer of the sandbox: what a scripted request gets, word for word."""

    status: int = field(default=200, validator=_check_status)
    """From 200 to 599."""
    body: "Json | bytes" = field(default=None, repr=False)
    """A JSON value, or bytes that are sent as they are; None sends no body at all."""
    headers: Mapping[str, str] = field(default=NO_HEADERS, repr=False)
    """Sent on top of `Content-Type: application/json`, which they may replace."""
    delay: float = field(default=0.0, validator=not_negative)
    """Seconds to wait before the answer."""

    @property
    def payload(self) -> bytes:
        """Return the body as it goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else encode(self.body)


NO_CONTENT = Answer(status=204)


class RefusalError(Exception):
    """The request is refused: *answer* is sent, and nothing more is done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(text: str, status: int = 400) -> Answer:
    """Return the envelope of most 400s: `{"error": text}`."""
    return Answer(status=status, body=encode({"error": text}))


def message(text: str, status: int, *, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
    """Return the envelope of 401, 404, 422 and 429: `{"message": text}`."""
    return Answer(status=status, body=encode({"message": text}), headers=headers)


TOO_LARGE = message("Request body too large", 413)
