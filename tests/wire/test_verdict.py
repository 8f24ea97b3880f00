import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, strategies as st

from tavus_async import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    Call,
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
from tavus_async._values import Response
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


def test_an_error_tells_the_retry_after() -> None:
    assert refusal(429, headers={"retry-after": "3"}).retry_after == 3.0
    assert refusal(429, headers={"retry-after": "soon"}).retry_after is None


def test_a_header_counts_more_than_words() -> None:
    words = {"error": "please wait 2 minutes"}

    assert refusal(429, words).retry_after == 120.0
    assert refusal(429, words, {"retry-after": "5"}).retry_after == 5.0


def test_the_time_is_now_unless_it_is_given() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with pytest.raises(RateLimitedError) as caught:
        judge(CALL, Response(status=429, headers={"retry-after": later}, body=b""))

    assert caught.value.retry_after == pytest.approx(3600, abs=60)
