import html
import json
from typing import Any

import pytest

from tavus_async import ApiError, Call
from tavus_async._values import Response
from tavus_async._wire.redaction import LONGEST_LOOK, find_secrets, hide, redact, redact_texts
from tavus_async._wire.verdict import judge
from tests.support.quick import KEY

LLM_KEY = "llm-5ecret-a1b2"
SECRET = 'llm-"5ecret"-é'


@pytest.mark.parametrize(
    "request_body",
    [
        {"layers": {"llm": {"api_key": SECRET}}},
        {"layers": {"llm": {"headers": {"authorization": SECRET}}}},
        [{"op": "replace", "path": "/layers/llm/api_key", "value": SECRET}],
        [{"op": "add", "path": "/layers/llm/headers/authorization", "value": SECRET}],
        [{"op": "add", "path": "/layers/llm", "value": {"headers": {"x": [SECRET]}}}],
        {"tools": [{"auth": {"accessToken": SECRET}}]},
        [{"op": "add", "path": "/tools/0/client_secret", "value": SECRET}],
    ],
)
@pytest.mark.parametrize("escaped", [True, False])
def test_what_a_refusal_repeats_of_a_requests_secrets_is_taken_out(request_body: Any, escaped: bool) -> None:
    call = Call(method="POST", path="/v2/personas", decode=bytes, body=json.dumps(request_body).encode())
    answer = json.dumps({"message": f"bad value {SECRET}!"}, ensure_ascii=escaped).encode()
    with pytest.raises(ApiError) as caught:
        judge(call, Response(status=400, headers={}, body=answer))

    assert (caught.value.message, caught.value.body) == ("bad value ***!", {"message": "bad value ***!"})


@pytest.mark.parametrize("quote", [True, False])
def test_so_is_what_a_page_of_html_repeats_of_them(quote: bool) -> None:
    secret = """llm-<5ecret>&'"a1"""
    page = f"<html><title>No {html.escape(secret, quote=quote)} here</title>".encode()
    with pytest.raises(ApiError) as caught:
        judge(Call.json("POST", "/v2/x", {"api_key": secret}), Response(status=502, headers={}, body=page))

    assert (caught.value.message, caught.value.body) == ("No *** here", "<html><title>No *** here</title>")


@pytest.mark.parametrize("request_body", [b"", b"no JSON", b"[1, null]", b'{"layers": {"llm": {"api_key": "sk"}}}'])
def test_a_refusal_without_secrets_stays_as_it_is(request_body: bytes) -> None:
    call = Call(method="POST", path="/v2/personas", decode=bytes, body=request_body)
    with pytest.raises(ApiError, match="no sky today"):
        judge(call, Response(status=400, headers={}, body=b'{"message": "no sky today"}'))


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


@pytest.mark.parametrize("odd", ["1e400", "[" * 300 + "]" * 300, "NaN", "oops"])
def test_no_escape_hides_one_in_what_cannot_be_read(odd: str) -> None:
    call = Call.json("POST", "/v2/x", {"api_key": "sk-live-12345678"})
    answer = f'{{"message": "No {escaped("sk-live-12345678")} here", "a": {odd}}}'.encode()
    with pytest.raises(ApiError) as caught:
        judge(call, Response(status=400, headers={}, body=answer))

    assert "***" in str(caught.value.body)
    assert escaped("sk-live-12345678") not in str(caught.value.body)


@pytest.mark.parametrize(
    "answer",
    [f'{{"message": "{escaped(KEY)}"}}', f'["\\/", {{"{escaped(KEY)}": 1}}]', f'["x\\n{KEY}"]'],
    ids=["in a value", "in a name", "beside another escape"],
)
def test_a_key_is_found_behind_escapes(answer: str) -> None:
    seen = redact_texts(answer.encode(), [KEY])

    assert b"***" in seen
    assert KEY.encode() not in seen
    assert escaped(KEY).encode() not in seen


@pytest.mark.parametrize("answer", [b"C:\\temp is no JSON", b'{"a": "\\u0061"', b"[1]", b'["\\/" "]', b""])
def test_an_answer_without_the_key_stays_as_it_is(answer: bytes) -> None:
    assert redact_texts(answer, [KEY]) == answer


def test_the_key_is_taken_out_wherever_it_stands() -> None:
    assert redact_texts(f"{KEY}a{KEY}{KEY}".encode(), [KEY]) == b"***a******"


def test_a_key_with_a_quote_is_found_in_json() -> None:
    assert redact_texts(b'{"m": "a\\"b\\\\c-key"}', ['a"b\\c-key']) == b'{"m":"***"}'


def test_a_secret_that_begins_with_another_is_hidden_whole() -> None:
    assert hide(b"abcdef-ghi abcdef", ["abcdef", "abcdef-ghi"]) == b"*** ***"


def test_only_what_an_operation_puts_in_a_secrets_place_is_secret() -> None:
    operations = [
        {"op": "replace", "path": "/layers/llm/api_key", "value": LLM_KEY},
        {"op": "move", "from": "/layers/old-place", "path": "/layers/llm/headers"},
        {"op": "add", "path": "/context", "value": "no secret"},
    ]

    assert list(find_secrets(operations)) == [LLM_KEY]
    call = Call(method="PATCH", path="/v2/a", decode=bytes, body=b'[{"op": "replace", "path": "/api_key"}]')
    assert redact(b'{"message": "replace what?"}', call) == b'{"message": "replace what?"}'


def test_a_header_may_have_the_name_of_a_part_of_an_operation() -> None:
    headers = {"op": "op-secret", "path": "path-secret", "from": "from-secret"}

    assert sorted(find_secrets({"llm": {"headers": headers}})) == ["from-secret", "op-secret", "path-secret"]


def test_of_a_long_error_only_the_begin_is_searched_and_kept() -> None:
    body = b'{"layers": {"llm": {"api_key": "hidden-from-all"}}}'
    request = Call(method="POST", path="/v2/personas", decode=bytes, body=body)
    answer = b"hidden-from-all " * LONGEST_LOOK

    kept = redact(answer, request)

    assert kept
    assert set(kept.split()) <= {b"***", b"**", b"*"}
    assert len(kept) < LONGEST_LOOK
    # Cut within the secret: what is left of it is cut off.
    assert redact(b"x" * (LONGEST_LOOK - 6) + answer, request) == b"x" * (LONGEST_LOOK - 15)
