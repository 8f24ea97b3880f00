"""The table of faults: what goes wrong, what a read and a create make of it, and how often each is sent.

It drives `test_exchange.py`, and `docs/reliability.md` is written from it.
"""

import gzip
import json
import sys

import attrs

from tavus_async import (
    AmbiguousOutcomeError,
    ApiError,
    AttemptTimeoutError,
    BadRequestError,
    ConnectError,
    ConnectionLostError,
    DecodeError,
    NotFoundError,
    QueueTimeoutError,
    RateLimitedError,
    ResponseTooLargeError,
    ServerError,
    TavusError,
)
from tests.faults import rig
from tests.faults.rig import Answer, Fault, Greeting, chunked, with_length
from tests.support.raw_server import Exchange, head

# How often a call is sent that is repeated as long as the policy allows: RetryPolicy(attempts=ATTEMPTS) in the tests.
ATTEMPTS = 3
MAX_BODY = 50_000

PERSONA = json.dumps({"persona_id": "p1", "persona_name": "Ada"}).encode()
GOOD = with_length(PERSONA)
SPLIT = GOOD.index(b"\r\n\r\n") + 4

Kind = type[TavusError] | None


@attrs.frozen(kw_only=True)
class Case:
    """One fault, and what it gives. None is success."""

    name: str
    point: str
    """Where in an exchange it happens."""
    words: str
    fault: Fault
    read: Kind
    read_attempts: int
    create: Kind
    create_attempts: int
    seen: bool = True
    """Whether the server can count the attempts."""
    hurried: bool = False
    """Whether the client's patience has to run out."""
    primed: bool = False
    """Whether a good call goes before, and leaves a connection to be reused."""
    next: Kind = None
    """What the next call gives, once the server is well again."""


def lost(name: str, point: str, words: str, fault: Answer | Fault | bytes, *, hurried: bool = False) -> Case:
    """An answer that got lost: a read is repeated, a create is not."""
    if isinstance(fault, bytes):
        fault = rig.says(fault)
    return Case(
        name=name,
        point=point,
        words=words,
        fault=fault if isinstance(fault, Fault) else Fault(answer=fault),
        read=AttemptTimeoutError if hurried else ConnectionLostError,
        read_attempts=ATTEMPTS,
        create=AmbiguousOutcomeError,
        create_attempts=1,
        hurried=hurried,
    )


def greeted(name: str, words: str, greet: Greeting, *, hurried: bool = False) -> Case:
    """A connection that is of no use."""
    return lost(name, "connecting", words, Fault(greet=greet), hurried=hurried)


def final(name: str, point: str, words: str, answer: Answer | bytes, kind: type[TavusError]) -> Case:
    """An answer that is final, for reads and for creates."""
    return same(name, point, words, answer, kind, attempts=1)


def fine(name: str, point: str, words: str, answer: Answer | bytes) -> Case:
    """What looks like a fault, and is none."""
    return same(name, point, words, answer, None, attempts=1)


def same(name: str, point: str, words: str, answer: Answer | bytes, kind: Kind, *, attempts: int) -> Case:
    """What reads and creates take alike."""
    return Case(
        name=name,
        point=point,
        words=words,
        fault=Fault(answer=rig.says(answer) if isinstance(answer, bytes) else answer),
        read=kind,
        read_attempts=attempts,
        create=kind,
        create_attempts=attempts,
    )


def too_large(name: str, words: str, answer: Answer | bytes) -> Case:
    """An answer past `Pool.max_body`."""
    case = final(name, "body", words, answer, ResponseTooLargeError)
    return attrs.evolve(case, create=AmbiguousOutcomeError)


def throttled(name: str, value: str) -> Case:
    """A 429 with a Retry-After that does not keep anybody waiting."""
    return asked_to_wait(name, 429, value, RateLimitedError, attempts=ATTEMPTS)


def unavailable(name: str, value: str, *, attempts: int) -> Case:
    """A 503 with a Retry-After."""
    return asked_to_wait(name, 503, value, ServerError, attempts=attempts)


def asked_to_wait(name: str, status: int, value: str, kind: type[TavusError], *, attempts: int) -> Case:
    """A refusal with a Retry-After."""
    answer = head(status, {"Content-Length": "2"})[:-2] + f"Retry-After: {value}\r\n\r\n{{}}".encode()
    words = f"{status}, `Retry-After: {value}`"
    return same(name, "retry-after", words, answer, kind, attempts=attempts)


def failed(name: str, words: str, status: int) -> Case:
    """A 5xx without a Retry-After: a read is repeated, a create is not."""
    case = same(name, "status", words, with_length(b"{}", status=status), ServerError, attempts=ATTEMPTS)
    return attrs.evolve(case, create_attempts=1)


def from_gateway(name: str, words: str, status: int) -> Case:
    """A 5xx of a gateway, which does not know what the server behind it did."""
    return attrs.evolve(failed(name, words, status), create=AmbiguousOutcomeError)


async def close_on_reuse(exchange: Exchange) -> None:
    """The connection that was open for the first call is closed as the next one comes on it."""
    if exchange.connection == 1:
        exchange.close()
    else:
        await rig.well(exchange)


async def reset_on_reuse(exchange: Exchange) -> None:
    """Likewise, with a reset."""
    if exchange.connection == 1:
        exchange.reset()
    else:
        await rig.well(exchange)


def reused(name: str, words: str, answer: Answer) -> Case:
    """A kept connection that goes as it is reused: a read is repeated, a create never reuses one."""
    return Case(
        name=name,
        point="reuse",
        words=words,
        fault=Fault(answer=answer),
        read=None,
        read_attempts=2,
        create=None,
        create_attempts=1,
        primed=True,
    )


def redirect(status: int) -> bytes:
    """An answer that points elsewhere."""
    return with_length(b"", status=status, Location="http://localhost:9/v2/personas/p1")


def interim(*statuses: int) -> bytes:
    """Answers before the answer."""
    return b"".join(head(status, {}) for status in statuses)


MUCH = b"x" * 4096
BOMB = gzip.compress(b"[" + b" " * 20_000_000 + b"]")
EMPTY = gzip.compress(b"") * 1_000
NESTED = b'{"persona_id": "p1", "deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
HUGE_NUMBER = b'{"persona_id": "p1", "number": ' + b"9" * 5_000 + b"}"
WITHOUT_COLON = GOOD.replace(b"Content-Length: ", b"Content-Length ")
TWICE = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\nContent-Type: text/plain\r\n" * 2 + GOOD.partition(b"\r\n")[2]
TWO_LENGTHS = GOOD.replace(b"Content-Length: ", b"Content-Length: 7\r\nContent-Length: ")
LENGTH_AND_CHUNKS = GOOD.replace(b"Content-Length: ", b"Transfer-Encoding: chunked\r\nContent-Length: ")
CHUNKS = head(200, {"Transfer-Encoding": "chunked"})
GARBAGE = CHUNKS + b"many\r\n{}\r\n"

CONNECTING = [
    Case(
        name="refused",
        point="connecting",
        words="nobody listens",
        fault=Fault(refuse=True),
        read=ConnectError,
        read_attempts=ATTEMPTS,
        create=ConnectError,
        create_attempts=ATTEMPTS,
        seen=False,
    ),
    greeted("accept-close", "accepted, then closed at once", rig.hang_up),
    greeted("accept-reset", "accepted, then reset at once", rig.cut),
    greeted("accept-silent", "accepted, then never read from", rig.ignore, hurried=True),
]

ASKED = [
    lost("close", "request", "closed after the request", rig.says_and_closes()),
    lost("reset", "request", "reset after the request", rig.says_and_resets()),
    lost("silent", "request", "no answer comes", rig.says_and_hangs(), hurried=True),
    reused("reuse-close", "a kept connection is closed just as it is reused", close_on_reuse),
    reused("reuse-reset", "a kept connection is reset just as it is reused", reset_on_reuse),
]

STATUS = [
    lost("status-cut", "status", "closed within the status line", rig.says_and_closes(b"HTTP/1.1 20")),
    lost("status-words", "status", "not HTTP at all", rig.says_and_closes(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")),
    lost(
        "status-letters", "status", "`HTTP/1.1 2OO OK`, with letters", rig.says_and_closes(b"HTTP/1.1 2OO OK\r\n\r\n")
    ),
    lost("status-short", "status", "`HTTP/1.1 20 OK`", rig.says_and_closes(b"HTTP/1.1 20 OK\r\n\r\n")),
    lost("status-long", "status", "`HTTP/1.1 2000 OK`", rig.says_and_closes(b"HTTP/1.1 2000 OK\r\n\r\n")),
    lost("status-version", "status", "`HTTP/9.9 200 OK`", rig.says_and_closes(GOOD.replace(b"/1.1", b"/9.9"))),
    lost("status-missing", "status", "a body without a status line", rig.says_and_closes(PERSONA)),
    lost("status-endless", "status", "a status line that does not end", rig.floods(b"HTTP/1.1 200 ", MUCH)),
    fine("status-no-reason", "status", "no words after the status", GOOD.replace(b" Whatever", b"")),
    fine("status-old", "status", "`HTTP/1.0 200 OK`", rig.says_and_closes(GOOD.replace(b"/1.1", b"/1.0"))),
    final("status-999", "status", "a status that does not exist", with_length(b"{}", status=999), ApiError),
    failed("status-500", "500", 500),
    from_gateway("status-502", "502, as from a gateway", 502),
    from_gateway("status-504", "504, as from a gateway", 504),
    from_gateway("status-524", "524, as from Cloudflare", 524),
    final("status-501", "status", "501, which waiting does not change", with_length(b"{}", status=501), ServerError),
    final("status-101", "status", "101, to another protocol", head(101, {"Upgrade": "websocket"}), ApiError),
]

INTERIM = [
    fine("interim-some", "interim", "100, 102 and 103 before the answer", interim(100, 102, 103) + GOOD),
    fine("interim-many", "interim", "1,000 times 103 before the answer", interim(103) * 1_000 + GOOD),
    lost("interim-endless", "interim", "103 without end", rig.floods(b"", interim(103) * 50)),
]

REDIRECTS = [
    final(f"redirect-{status}", "redirect", f"{status} to another host", redirect(status), ApiError)
    for status in (301, 302, 303, 307, 308)
]

HEADERS = [
    lost("headers-close", "headers", "closed within the headers", rig.says_and_closes(GOOD[:30])),
    lost("headers-reset", "headers", "reset within the headers", rig.says_and_resets(GOOD[:30])),
    lost("headers-hang", "headers", "silence within the headers", rig.says_and_hangs(GOOD[:30]), hurried=True),
    lost("headers-huge", "headers", "a header of 100 kB", rig.says_and_closes(with_length(b"{}", X_A="a" * 100_000))),
    lost("headers-endless", "headers", "headers without end", rig.floods(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 500)),
    lost("headers-null", "headers", "a null byte in a header", rig.says_and_closes(with_length(b"{}", X_A="a\0b"))),
    lost("headers-no-colon", "headers", "a header without a colon", rig.says_and_closes(WITHOUT_COLON)),
    fine("headers-space", "headers", "a space before the colon", GOOD.replace(b"h:", b"h :")),
    lost("headers-lengths", "headers", "two Content-Lengths that differ", rig.says_and_closes(TWO_LENGTHS)),
    lost("headers-both", "headers", "both Content-Length and chunks", rig.says_and_closes(LENGTH_AND_CHUNKS)),
    lost("headers-negative", "headers", "`Content-Length: -1`", rig.says_and_closes(with_length(PERSONA, -1))),
    lost("headers-word", "headers", "`Content-Length: many`", rig.says_and_closes(with_length(PERSONA, "many"))),
    fine("headers-twice", "headers", "every header of an answer twice", TWICE),
    fine("headers-latin", "headers", "bytes past ASCII in a header", with_length(PERSONA, X_A="\xff\xfe")),
    fine("headers-trickle", "headers", "one byte at a time", rig.trickles(GOOD)),
]

BODY = [
    lost("body-close", "body", "closed within the body", rig.says_and_closes(GOOD[:-5])),
    lost("body-reset", "body", "reset within the body", rig.says_and_resets(GOOD[:-5])),
    lost("body-hang", "body", "silence within the body", rig.says_and_hangs(GOOD[:-5]), hurried=True),
    lost("length-long", "body", "Content-Length too long, then closed", rig.says_and_closes(with_length(PERSONA, 99))),
    lost("length-short", "body", "Content-Length too short", with_length(PERSONA, len(PERSONA) - 5)),
    lost("chunk-garbage", "body", "chunks of a size that is no number", rig.says_and_closes(GARBAGE)),
    lost("chunk-negative", "body", "a chunk of a negative size", rig.says_and_closes(CHUNKS + b"-5\r\nabc\r\n")),
    lost("chunk-cut", "body", "closed within a chunk", rig.says_and_closes(CHUNKS + b"ff\r\n{")),
    lost("chunk-end", "body", "closed before the last chunk", rig.says_and_closes(chunked(PERSONA, end=b""))),
    lost("chunk-more", "body", "a chunk longer than it says", rig.says_and_closes(CHUNKS + b"2\r\n{}{}\r\n0\r\n\r\n")),
    lost("gzip-garbage", "body", "gzip that is none", with_length(b"{}{}", Content_Encoding="gzip")),
    lost("gzip-cut", "body", "gzip cut short", with_length(gzip.compress(PERSONA)[:-4], Content_Encoding="gzip")),
    lost("encoding", "body", "an encoding not asked for", with_length(b"{}", Content_Encoding="br")),
    too_large("too-long", "Content-Length past the limit", with_length(b"", MAX_BODY + 1)),
    too_large("endless", "a body without end", rig.floods(head(200, {}), MUCH)),
    too_large("endless-chunks", "chunks without end", rig.floods(CHUNKS, b"1000\r\n" + MUCH + b"\r\n")),
    too_large("gzip-bomb", "20 MB in 20 kB of gzip", with_length(BOMB, Content_Encoding="gzip")),
    too_large(
        "gzip-members", "gzip in 1,000 members", with_length(gzip.compress(b" " * 99) * 1_000, Content_Encoding="gzip")
    ),
    too_large("gzip-empty", "gzip in 1,000 members with nothing in them", with_length(EMPTY, Content_Encoding="gzip")),
    fine("no-length", "body", "no Content-Length, closed at the end", rig.says_and_closes(head(200, {}) + PERSONA)),
    fine("chunks", "body", "a chunk for each byte", chunked(*(bytes([byte]) for byte in PERSONA))),
]

CONTENT = [
    final("html", "content", "a 200 that is HTML", with_length(b"<html>Sign in to Wi-Fi</html>"), DecodeError),
    final("truncated", "content", "a 200 with half of the JSON", with_length(PERSONA[:20]), DecodeError),
    final("empty", "content", "a 200 with no body", with_length(b""), DecodeError),
    final("no-content", "content", "204 where a body was due", head(204, {}), DecodeError),
    final("not-utf8", "content", "a 200 that is not UTF-8", with_length(b'{"persona_id": "\xff\xfe"}'), DecodeError),
    final("null", "content", "`null`", with_length(b"null"), DecodeError),
    final("no-id", "content", "an object without an id", with_length(b"{}"), DecodeError),
    final("nested", "content", "JSON nested 20,000 deep", with_length(NESTED), DecodeError),
    final("huge-number", "content", "a whole number of 5,000 digits", with_length(HUGE_NUMBER), DecodeError),
    final("html-404", "content", "a 404 that is HTML", with_length(b"<html>No</html>", status=404), NotFoundError),
    final("html-400", "content", "a 400 that is not UTF-8", with_length(b"\xff" * 99, status=400), BadRequestError),
    fine("mark", "content", "a byte order mark before the JSON", with_length(b"\xef\xbb\xbf" + PERSONA)),
    fine("type", "content", "JSON said to be HTML", with_length(PERSONA, Content_Type="text/html; charset=utf-7")),
]

AFTER = [
    fine("after-close", "after", "closed after the answer", rig.says_and_closes(GOOD)),
    fine("after-reset", "after", "reset after the answer", rig.says_and_resets(GOOD)),
    fine(
        "after-more", "after", "a second answer that nobody asked for", GOOD + with_length(b'{"persona_id": "wrong"}')
    ),
]

RETRY_AFTER = [
    throttled("429-negative", "-5"),
    throttled("429-zero", "0"),
    throttled("429-float", "0.01"),
    throttled("429-past", "Wed, 21 Oct 2015 07:28:00 GMT"),
    throttled("429-words", "soon"),
    throttled("429-empty", ""),
    throttled("429-infinite", "inf"),
    throttled("429-nan", "nan"),
    throttled("429-digits", "٣"),
    throttled("429-date", "Wed, 99 Foo 2015 07:28:00 GMT"),
    attrs.evolve(throttled("429-huge", "86400"), read_attempts=1, create_attempts=1, next=QueueTimeoutError),
    attrs.evolve(throttled("429-endless", "9" * 12), read_attempts=1, create_attempts=1, next=QueueTimeoutError),
    attrs.evolve(
        throttled("429-future", "Wed, 21 Oct 2099 07:28:00 GMT"),
        read_attempts=1,
        create_attempts=1,
        next=QueueTimeoutError,
    ),
    unavailable("503-zero", "0", attempts=ATTEMPTS),
    unavailable("503-float", "0.01", attempts=ATTEMPTS),
    unavailable("503-past", "Wed, 21 Oct 2015 07:28:00 GMT", attempts=ATTEMPTS),
    unavailable("503-huge", "86400", attempts=1),
    attrs.evolve(unavailable("503-negative", "-5", attempts=ATTEMPTS), create_attempts=1),
    attrs.evolve(unavailable("503-words", "soon", attempts=ATTEMPTS), create_attempts=1),
]

CASES = [*CONNECTING, *ASKED, *STATUS, *INTERIM, *REDIRECTS, *HEADERS, *BODY, *CONTENT, *AFTER, *RETRY_AFTER]

# In Python's development mode aiohttp takes no answer that is not to the letter.
_LENIENT = {"headers-space", "headers-twice"}
EXPECTED = [case for case in CASES if not (sys.flags.dev_mode and case.name in _LENIENT)]
"""Those that are as the table says in the mode of Python that runs."""
