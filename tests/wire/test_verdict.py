import json
import pickle
import time
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
from tavus_async._wire.verdict import LONGEST_BODY, LONGEST_MESSAGE, NO_ENDPOINT, NO_REDIRECT, judge

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
CALL = Call(method="PATCH", path="/v2/personas/p1", decode=bytes, body=b"secret")
SUPPORT = "There was an error creating the conversation, please reach out to support at support@tavus.io!"


def refusal(status: int, body: object = b"", headers: dict[str, str] | None = None) -> ApiError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ApiError) as caught:
        judge(CALL, Response(status=status, headers=headers or {}, body=data), now=NOW)
    return caught.value


@pytest.mark.parametrize("words", ["Rate limit reached", "Cooldown", "quota", "Contact support"])
def test_a_429_with_a_retry_after_will_pass_whatever_its_words(words: str) -> None:
    error = refusal(429, {"message": words}, {"retry-after": "1"})

    assert (type(error), error.retry_after) == (RateLimitedError, 1.0)


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
        (412, {"error": "Precondition Failed"}, ConflictError),
        (400, {"error": "Bad Request. Tool not attached to this PAL"}, NotFoundError),
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
        ({"error": {"code": 7, "message": "b"}}, "b"),
        ({"error": {"message": "b"}, "detail": "c"}, "c"),
        ({"detail": [{"loc": ["body"], "message": "b"}, {"message": "c"}]}, "b"),
        ({"error": {"error": {"error": {}}}}, '{"error": {"error": {"error": {}}}}'),
        ({"detail": []}, '{"detail": []}'),
        ({"message": None}, '{"message": null}'),
        ({"conflict": "maker_changes"}, '{"conflict": "maker_changes"}'),
        (["a", "b"], '["a", "b"]'),
        ("just text", '"just text"'),
        (b"plain  text\n\twith breaks", "plain text with breaks"),
        (b"one\x1b[31mtwo\x9bthree\xe2\x80\xaefour", "one [31mtwo\N{REPLACEMENT CHARACTER}three four"),
        (b"", "Bad Request"),
        (b" \n", "Bad Request"),
        ({"message": "one\ntwo\r\n three"}, "one two three"),
    ],
)
def test_the_message_is_found_wherever_it_stands(body: object, message: str) -> None:
    assert refusal(400, body).message == message


NGINX = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>"
CLOUDFLARE = b"""<!DOCTYPE html>
<!--[if lt IE 7]> <html class="no-js ie6 oldie" lang="en-US"> <![endif]-->
<title>tavusapi.com | 502: Bad gateway</title></head><body><div id="cf-wrapper">Ray ID: 8c1</div></body></html>"""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (NGINX, "Bad Gateway"),
        (CLOUDFLARE, "tavusapi.com | 502: Bad gateway"),
        (b"<HTML><HEAD><TITLE>\n ERROR:  The request\n</TITLE>", "ERROR: The request"),
        (b"<html><title></title><body><h1 class='x'>Out of <b>order</b></h1>", "Out of order"),
        (b"<html><title>One &amp; two</title>", "One & two"),
        (b"<html><body>Bad\nGateway</body></html>", "Bad Gateway"),
        (b"<html><title>no end", "Bad Gateway"),
        (b"  <p>no heading</p>", "Bad Gateway"),
        (b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>',
         "Reduce your rate."),
        ({"message": "<html><title>502 Bad Gateway</title></html>"}, "Bad Gateway"),
        ({"message": "limit < 3 is wrong"}, "limit < 3 is wrong"),
        (b"<", "<"),
        (b"<3 is no tag", "<3 is no tag"),
    ],
)  # fmt: skip
def test_of_a_page_of_html_its_heading_is_the_message_and_all_of_it_the_body(body: object, message: str) -> None:
    error = refusal(502, body)

    assert error.message == message
    assert str(error).startswith(f"PATCH /v2/personas/p1 was answered 502: {message.rstrip('.')}")
    assert not isinstance(body, bytes) or error.body == body.decode()


@pytest.mark.parametrize("tag", ["<title>", "<title", "<h1 ", "<b>", "<title></", "<message>x</message"])
def test_a_page_made_to_take_long_does_not(tag: str) -> None:
    began = time.process_time()
    refusal(502, b"<html>" + tag.encode() * 100_000)

    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "Invalid persona_id"}),
        (404, {"message": "Document not found"}),
        (404, {"error": "Guardrails not found"}),
        (404, {"message": "Pronunciation dictionary not found"}),
        (404, {"error": "PAL not found"}),
        (404, {"error": "Unknown skill 'my_skill'"}),
        (404, {"error": "The persona was not found."}),
    ],
)
def test_where_the_server_names_what_is_missing_it_is_the_id(status: int, body: object) -> None:
    assert str(refusal(status, body)).endswith(". No object of this account has that id.")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        {"message": "Not Found"},
        {"message": "Not found"},
        {"detail": "Not Found"},
        {"error": "The requested URL was not found on the server."},
        {"message": "Route GET:/v2/nothing not found"},
        {"message": "Page not found"},
        {"error": "resource not found"},
        b"404 page not found\n",
        b"Cannot GET /v2/nothing",
        b"default backend - 404",
        b"<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>",
    ],
)
def test_where_it_does_not_it_may_be_the_endpoint(body: object) -> None:
    error = refusal(404, body)

    assert type(error) is NotFoundError
    assert str(error).endswith(f". {NO_ENDPOINT}")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


@pytest.mark.parametrize("words", ["The conversation's room is no longer available.", "PAL was deleted in May"])
def test_what_is_missing_in_other_words_is_left_to_them(words: str) -> None:
    error = refusal(404, {"error": words})

    assert str(error) == f"PATCH /v2/personas/p1 was answered 404: {words.rstrip('.')}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_says_that_it_is_not_followed(status: int) -> None:
    error = refusal(status, b"<html><title>Moved</title>", {"Location": "https://www.tavusapi.com/v2/personas/p1"})

    assert str(error) == f"PATCH /v2/personas/p1 was answered {status}: Moved. {NO_REDIRECT}"
    assert error.headers["location"] == "https://www.tavusapi.com/v2/personas/p1"


def test_the_headers_of_an_answer_are_kept_without_cookies_and_secrets() -> None:
    headers = {
        "X-Request-Id": "r1",
        "Set-Cookie": "session=1",
        "X-Echo": "api_key=llm-5ecret; llm-5ecret",
        "CF-Ray": "8c1",
    }
    with pytest.raises(ServerError) as caught:
        judge(Call.json("POST", "/v2/x", {"api_key": "llm-5ecret"}), Response(status=500, headers=headers, body=b""))
    error: ServerError = pickle.loads(pickle.dumps(caught.value))  # noqa: S301

    assert dict(error.headers) == {"X-Request-Id": "r1", "X-Echo": "api_key=***; ***", "CF-Ray": "8c1"}
    assert error.headers["x-request-id"] == "r1"
    assert "r1" not in repr(vars(error)), "values may be secrets of others"


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


def test_words_are_not_looked_for_without_end() -> None:
    body = b'{"error":' * 400 + b'{"message":"deep"}' + b"}" * 400

    assert refusal(500, body).message.startswith('{"error":{"error":')


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
