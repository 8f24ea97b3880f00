import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given, strategies as st

from tavus_async import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    Call,
    ConcurrencyLimitError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitedError,
    ServerError,
    UnprocessableError,
)
from tavus_async._values import Response
from tavus_async._wire.path import quote_id
from tavus_async._wire.retry_after import promised_wait, retry_after
from tavus_async._wire.verdict import LONGEST_BODY, LONGEST_MESSAGE, judge

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
CALL = Call(method="PATCH", path="/v2/personas/p1", decode=bytes, body=b"secret")
SUPPORT = "There was an error creating the conversation, please reach out to support at support@tavus.io!"


def refusal(status: int, body: object = b"", headers: dict[str, str] | None = None) -> ApiError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ApiError) as caught:
        judge(CALL, Response(status=status, headers=headers or {}, body=data), now=NOW)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299, 304])
def test_a_good_answer_is_its_body(status: int) -> None:
    assert judge(CALL, Response(status=status, headers={}, body=b"anything")) == b"anything"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "Invalid persona_id"}, NotFoundError),
        (400, {"error": "Invalid pal_id"}, NotFoundError),
        (400, {"error": "Invalid replica_id"}, NotFoundError),
        (400, {"error": "Invalid face_id"}, NotFoundError),
        (400, {"error": "Invalid conversation_id"}, NotFoundError),
        (400, {"error": "Invalid video_id"}, NotFoundError),
        (400, {"error": "Invalid lipsync_id"}, NotFoundError),
        (400, {"error": "Invalid objectives_id"}, NotFoundError),
        (400, {"error": "Invalid guardrails_id"}, NotFoundError),
        (400, {"message": "invalid Persona_ID."}, NotFoundError),
        (400, {"error": "Invalid replica_uuid"}, BadRequestError),
        (400, {"error": "Invalid persona_identity"}, BadRequestError),
        (400, {"error": "Either train_video_url or train_image_url must be provided."}, BadRequestError),
        (400, {"error": SUPPORT}, BadRequestError),
        (400, {"message": "User has reached maximum concurrent conversations"}, ConcurrencyLimitError),
        (400, {"error": "Maximum concurrent conversations reached"}, ConcurrencyLimitError),
        (400, {"message": "objective_name is required"}, BadRequestError),
        (400, {"message": "guardrail_name is required"}, BadRequestError),
        (400, {"error": "Objective chain must have exactly one root"}, BadRequestError),
        (400, {"error": "Invalid patch operation"}, BadRequestError),
        (400, {"error": "Invalid request: document_url is required"}, BadRequestError),
        (400, {"error": "Invalid request: limit must be a positive integer"}, BadRequestError),
        (401, {"message": "Invalid access token"}, AuthenticationError),
        (402, {"message": "The user is out of conversational credits"}, PaymentRequiredError),
        (403, {"message": "Forbidden"}, PermissionDeniedError),
        (404, {"message": "Document not found"}, NotFoundError),
        (404, {"error": "Objective not found"}, NotFoundError),
        (404, {"error": "Guardrails not found"}, NotFoundError),
        (409, {"error": "Document must be in 'ready' or 'error' state to recrawl"}, ConflictError),
        (409, {"conflict": "maker_changes"}, ConflictError),
        (422, {"message": "Invalid JSON patch format"}, UnprocessableError),
        (429, {"error": "Crawl document limit reached (100). Contact support@tavus.io to …"}, QuotaExceededError),
        (429, {"error": "Recrawl cooldown: please wait 45 minutes before recrawling."}, QuotaExceededError),
        (429, {"message": "You have exceeded your quota"}, QuotaExceededError),
        (429, {"message": "The user is out of conversational credits"}, QuotaExceededError),
        (429, {"message": "Too Many Requests"}, RateLimitedError),
        (429, {"error": "Rate limit exceeded, please wait 3 seconds"}, RateLimitedError),
        (429, b"", RateLimitedError),
        (405, {"error": "Method Not Allowed"}, ApiError),
        (418, b"", ApiError),
        (302, b"", ApiError),
        (500, b"", ServerError),
        (502, b"<html>Bad Gateway</html>", ServerError),
        (503, {"error": "Invalid persona_id"}, ServerError),
        (599, b"", ServerError),
        (600, b"", ApiError),
        (999, b"", ApiError),
    ],
)
def test_the_servers_words_and_its_status_decide_the_class(status: int, body: object, kind: type[ApiError]) -> None:
    error = refusal(status, body)

    assert type(error) is kind
    assert error.status == status
    assert (error.method, error.path, error.attempts) == ("PATCH", "/v2/personas/p1", 1)
    assert error.__cause__ is error.__context__ is None
    assert "secret" not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "a", "error": "b", "detail": "c"}, "a"),
        ({"error": "b", "detail": "c"}, "b"),
        ({"detail": "c"}, "c"),
        ({"message": "", "error": "b"}, "b"),
        ({"message": {"deep": 1}, "error": "b"}, "b"),
        ({"message": None}, '{"message": null}'),
        ({"conflict": "maker_changes"}, '{"conflict": "maker_changes"}'),
        (["a", "b"], '["a", "b"]'),
        ("just text", '"just text"'),
        (b"plain  text\n\twith breaks", "plain text with breaks"),
        (b"<html>\n<body>Bad\nGateway</body></html>", "<html> <body>Bad Gateway</body></html>"),
        (b"", "Bad Request"),
        (b" \n", "Bad Request"),
        ({"message": "one\ntwo\r\n three"}, "one two three"),
    ],
)
def test_the_message_is_found_wherever_it_stands(body: object, message: str) -> None:
    assert refusal(400, body).message == message


@pytest.mark.parametrize(("status", "words"), [(503, "Service Unavailable"), (429, "Too Many Requests"), (799, "")])
def test_without_words_the_statuss_own_are_taken(status: int, words: str) -> None:
    assert refusal(status).message == words
    assert str(status) in str(refusal(status))


def test_the_body_is_kept_as_json_values_or_as_text() -> None:
    conflict = {"conflict": "maker_changes", "changes": [1, None]}

    assert refusal(409, conflict).body == conflict
    assert refusal(500, b"<html>").body == "<html>"
    assert refusal(500, b"").body == ""


def test_a_long_body_is_cut() -> None:
    body = {"message": "m" * 10_000}
    error = refusal(500, body)

    assert error.body == json.dumps(body)[:LONGEST_BODY]
    assert len(error.message) == LONGEST_MESSAGE
    assert error.message.endswith("…")
    assert len(str(error)) < 500


def test_a_huge_body_is_not_decoded_whole() -> None:
    assert len(refusal(500, b"x" * 10_000_000).body) == LONGEST_BODY


@given(st.binary(max_size=200))
def test_any_bytes_make_an_error_of_one_line(data: bytes) -> None:
    error = refusal(500, data)

    assert type(error) is ServerError
    assert len(str(error).splitlines()) == 1


def test_text_that_is_no_unicode_is_readable_where_it_can_be() -> None:
    assert refusal(500, b"caf\xe9 is closed").message == "caf\N{REPLACEMENT CHARACTER} is closed"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 3 "}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "1."}, 1.0),
        ({"retry-after": "999999999999"}, 999_999_999_999.0),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": format_datetime(NOW - timedelta(days=90), usegmt=True)}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 13:00:30 +0100"}, 30.0),
        ({"retry-after": "Sunday, 22-Nov-26 12:00:30 GMT"}, 30.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250.5", "retry-after": "7"}, 0.2505),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "+1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "1,5"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "9" * 5_000}, None),
        ({"retry-after": "Sun, 22 Nov 99999999999999999999 12:00:30 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 +99999999999999999999"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 99:00:30 GMT"}, None),
    ],
)
def test_a_retry_after_is_read_in_every_spelling(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
    assert refusal(429, headers=headers).retry_after == seconds


@given(st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([A-Z]{3}|[+-]\d+)\Z"))
def test_any_retry_after_is_some_seconds_or_none(text: str) -> None:
    seconds = retry_after({"retry-after": text, "retry-after-ms": text}, NOW)

    assert seconds is None or 0 <= seconds < math.inf


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("please wait 45 minutes before", 2700.0),
        ("Wait 1 second", 1.0),
        ("Please Wait 2 HOURS", 7200.0),
        ("wait a minute", None),
        ("wait 1234567 minutes", None),
        ("", None),
    ],
)
def test_a_wait_may_be_promised_in_words(words: str, seconds: float | None) -> None:
    assert promised_wait(words) == seconds


def test_a_header_counts_more_than_words() -> None:
    words = {"error": "please wait 2 minutes"}

    assert refusal(429, words).retry_after == 120.0
    assert refusal(429, words, {"retry-after": "5"}).retry_after == 5.0


def test_the_time_is_now_unless_it_is_given() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with pytest.raises(RateLimitedError) as caught:
        judge(CALL, Response(status=429, headers={"retry-after": later}, body=b""))

    assert caught.value.retry_after == pytest.approx(3600, abs=60)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("p5317866", "p5317866"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("a?b#c&d=e", "a%3Fb%23c%26d%3De"),
        ("100%", "100%25"),
        ("Zoë", "Zo%C3%AB"),
        ("a.b", "a.b"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("@evil.test", "%40evil.test"),
    ],
)
def test_an_id_becomes_one_segment_of_a_path(value: str, quoted: str) -> None:
    assert quote_id(value, name="persona_id") == quoted


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "is empty"),
        ("  \t ", "is empty"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("a\x85b", "control character"),
        ("a\u2028b", "control character"),
        (".", "dot segment"),
        ("..", "dot segment"),
        (" .. ", "dot segment"),
        ("%2e%2e", "dot segment"),
        ("%2E.", "dot segment"),
        ("a/../b", "dot segment"),
        ("..\\a", "dot segment"),
        ("..%2fb", "dot segment"),
        ("a/.", "dot segment"),
        ("\ud800", "not valid Unicode"),
        (None, "must be a string, not NoneType"),
        (17, "must be a string, not int"),
        (b"p1", "must be a string, not bytes"),
    ],
)
def test_what_cannot_be_an_id_is_refused(value: Any, problem: str) -> None:
    with pytest.raises(InvalidRequestError, match=problem) as caught:
        quote_id(value, name="persona_id")

    assert str(caught.value).startswith("persona_id ")
    assert caught.value.__cause__ is caught.value.__context__ is None


@given(st.text(st.characters(exclude_categories=())))
def test_any_id_is_one_harmless_segment_or_refused(value: str) -> None:
    try:
        quoted = quote_id(value, name="id")
    except InvalidRequestError:
        return

    assert unquote(quoted) == value
    assert not set(quoted) & set("/\\?#@ \r\n")
    assert quoted not in {"", ".", ".."}


@pytest.mark.parametrize("method", ["get", "HEAD", "", "GET ", "GET\r\nX: y", "CONNECT"])
def test_a_method_that_the_api_does_not_have_is_refused(method: str) -> None:
    with pytest.raises(InvalidRequestError, match="method"):
        Call(method=method, path="/v2/personas", decode=bytes)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v2/personas",
        "@evil.test/",
        "/v2/a b",
        "/v2/a?b=c",
        "/v2/a#b",
        "/v2/ö",
        "/v2/a\r\nX: y",
        "/v2/a\\b",
        "/v2\n",
    ],
)
def test_a_path_that_is_not_quoted_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequestError, match="path"):
        Call(method="GET", path=path, decode=bytes)


def test_a_call_and_a_response_do_not_show_what_they_carry() -> None:
    response = Response(status=200, headers={"x": "secret"}, body=b"secret")

    assert "secret" not in f"{CALL!r} {response!r}"
    assert repr(response) == "Response(status=200)"


def test_a_call_is_a_plain_value() -> None:
    assert attrs.evolve(CALL) == CALL
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        CALL.path = "/v2/other"  # type: ignore[misc]


SECRET = 'llm-"5ecret"-é'


@pytest.mark.parametrize(
    "request_body",
    [
        {"layers": {"llm": {"api_key": SECRET}}},
        {"layers": {"llm": {"headers": {"authorization": SECRET}}}},
        [{"op": "replace", "path": "/layers/llm/api_key", "value": SECRET}],
        [{"op": "add", "path": "/layers/llm/headers/authorization", "value": SECRET}],
        [{"op": "add", "path": "/layers/llm", "value": {"headers": {"x": [SECRET]}}}],
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_what_a_refusal_repeats_of_a_requests_secrets_is_taken_out(request_body: Any, escaped: bool) -> None:
    call = Call(method="POST", path="/v2/personas", decode=bytes, body=json.dumps(request_body).encode())
    answer = json.dumps({"message": f"bad value {SECRET}!"}, ensure_ascii=escaped).encode()
    with pytest.raises(ApiError) as caught:
        judge(call, Response(status=400, headers={}, body=answer))

    assert (caught.value.message, caught.value.body) == ("bad value ***!", {"message": "bad value ***!"})


@pytest.mark.parametrize("request_body", [b"", b"no JSON", b"[1, null]", b'{"layers": {"llm": {"api_key": "sk"}}}'])
def test_a_refusal_without_secrets_stays_as_it_is(request_body: bytes) -> None:
    call = Call(method="POST", path="/v2/personas", decode=bytes, body=request_body)
    with pytest.raises(ApiError, match="no sky today"):
        judge(call, Response(status=400, headers={}, body=b'{"message": "no sky today"}'))
