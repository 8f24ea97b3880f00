import base64
import html
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tavus_async import ApiError, Call
from tavus_async._values import Response
from tavus_async._wire.redaction import (
    LONGEST_ESCAPE,
    LONGEST_LOOK,
    find_secrets,
    hide,
    redact,
    redact_texts,
    spellings_of,
)
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


ODD_SECRET = 'sk-live/Hunter2+=&<"~\\Hunter2'
WRITTEN: dict[str, Callable[[str], str]] = {
    "JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    "JSON with nothing but escapes": escaped,
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "a URL": lambda text: quote(text, safe=""),
    "a URL within a URL": lambda text: quote(quote(text)),
    "a URL in a page": lambda text: html.escape(quote(text)),
    "entities by number": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "entities in base 16": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "Python's repr": repr,
    "base 16": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of user and password": lambda text: base64.urlsafe_b64encode(f"ada:{text}".encode()).decode(),
    "base64 of a header": lambda text: base64.b64encode(f"Bearer {text}!".encode()).decode(),
    "UTF-16": "\0".join,
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    "around", ['{"message": "no %s"}', '{"message": "no %s"', "<h1>no %s</h1>", "no %s" + " " * 70_000]
)
def test_so_it_is_however_a_server_writes_it(write: Callable[[str], str], around: str) -> None:
    written = write(ODD_SECRET)
    call = Call.json("POST", "/v2/x", {"api_key": ODD_SECRET})
    answer = Response(status=400, headers={"location": f"/x?{written}"}, body=around.replace("%s", written).encode())
    with pytest.raises(ApiError) as caught:
        judge(call, answer)

    shown = f"{caught.value}{caught.value.body!r}{dict(caught.value.headers)!r}"
    assert "***" in shown
    assert "Hunter" not in shown.replace("\0", "").replace(r"\x00", "")
    assert written[4:-4] not in shown


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
    assert hide(b"abcdef-ghi abcdef", spellings_of(["abcdef", "abcdef-ghi"])) == b"*** ***"


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
    assert redact(b"x" * (LONGEST_LOOK - 6) + answer, request) == b"x" * (LONGEST_LOOK - 15 * LONGEST_ESCAPE)


def test_thousands_of_secrets_are_looked_for_in_a_time_that_grows_with_their_number() -> None:
    call = Call.json("POST", "/v2/x", {"headers": {f"h{number}": f"secret-{number:05}" for number in range(2_000)}})
    headers = {f"x-{number}": "secret%2D01234 and more" for number in range(50)}
    answer = Response(status=400, headers=headers, body=b"&amp; %25 \\ secret-01999 " * 2_000)
    started = time.process_time()
    with pytest.raises(ApiError) as caught:
        judge(call, answer)

    assert time.process_time() - started < 2
    assert "secret" not in f"{caught.value.body}{dict(caught.value.headers)}"
