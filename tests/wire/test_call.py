"""Calls as values, and those that are made for an endpoint without a function."""

import enum
import json
import math
from collections import UserDict
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from tavus_async import ApiError, Call, DecodeError, InvalidRequestError, LlmLayer, Secret
from tavus_async._values import Response
from tavus_async._wire.verdict import judge
from tests.support.tracebacks import traceback_of

CALL = Call(method="PATCH", path="/v2/personas/p1", decode=bytes, body=b"secret")


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


class TestJson:
    @pytest.mark.parametrize(
        ("body", "sent"),
        [
            (None, None),
            ({}, b"{}"),
            ([], b"[]"),
            ((), b"[]"),
            (False, b"false"),
            (0, b"0"),
            ("", b'""'),
            ({"a": [1, None, {"b": "ö"}]}, b'{"a":[1,null,{"b":"\\u00f6"}]}'),
            (MappingProxyType({"a": (1, 2)}), b'{"a":[1,2]}'),
            (UserDict({"a": UserDict()}), b'{"a":{}}'),
        ],
    )
    def test_a_body_is_written_as_json_and_none_is_no_body(self, body: Any, sent: bytes | None) -> None:
        assert Call.json("POST", "/v2/x", body).body == sent

    def test_the_body_is_the_same_in_both_vocabularies(self) -> None:
        call = Call.json("POST", "/v2/x", {"persona_id": "p1"})

        assert call.spelled(renamed=True) == call.spelled(renamed=False) == call

    @pytest.mark.parametrize("body", [math.nan, {"a": {1}}, object(), b"x", {"a": LlmLayer()}, {(1, 2): 3}])
    def test_what_json_cannot_hold_is_refused(self, body: Any) -> None:
        with pytest.raises(InvalidRequestError, match="cannot be written as JSON"):
            Call.json("POST", "/v2/x", body)

    @pytest.mark.parametrize("body", ['{"a": 1}', b'{"a": 1}', ' [{"op": "add"}]', bytearray(b"[]")])
    def test_the_text_of_json_is_refused_where_its_values_are_meant(self, body: Any) -> None:
        with pytest.raises(InvalidRequestError, match=r"takes JSON values, not their text: json\.loads reads it"):
            Call.json("POST", "/v2/x", body)

    @pytest.mark.parametrize("repeatable", ["yes", 1, 0])
    def test_whether_it_may_be_repeated_is_true_or_false(self, repeatable: Any) -> None:
        with pytest.raises(InvalidRequestError, match="repeatable must be a bool or None, not "):
            Call.json("POST", "/v2/x", repeatable=repeatable)

    def test_so_is_what_holds_itself_or_is_nested_without_end(self) -> None:
        loop: list[Any] = []
        loop.append(loop)
        deep: list[Any] = []
        for _ in range(50_000):
            deep = [deep]

        with pytest.raises(InvalidRequestError, match="holds itself"):
            Call.json("POST", "/v2/x", loop)
        with pytest.raises(InvalidRequestError, match="nested too deeply"):
            Call.json("POST", "/v2/x", deep)

    def test_secrets_are_sent_and_taken_out_of_refusals(self) -> None:
        call = Call.json("POST", "/v2/x", {"a": [{"vault": Secret("sk-0123456789")}]})
        answer = b'{"message": "what is sk-0123456789?"}'
        with pytest.raises(ApiError) as caught:
            judge(call, Response(status=400, headers={}, body=answer))

        assert call.body == b'{"a":[{"vault":"sk-0123456789"}]}'
        assert "sk-" not in f"{call!r} {caught.value} {vars(caught.value)}"
        assert caught.value.message == "what is ***?"

    def test_what_is_given_can_be_changed_without_changing_the_call(self) -> None:
        body: dict[str, Any] = {"a": []}
        call = Call.json("POST", "/v2/x", body)
        body["a"].append(1)

        assert call.body == b'{"a":[]}'

    @pytest.mark.parametrize(
        ("query", "sent"),
        [
            (None, ()),
            ({}, ()),
            ({"a": None}, ()),
            ({"a": True, "b": False}, (("a", "true"), ("b", "false"))),
            ({"a": 0, "b": "", "c": 1.5}, (("a", "0"), ("b", ""), ("c", "1.5"))),
            ({"a": "b&c=d ö"}, (("a", "b&c=d ö"),)),
            ({"a": ["x", None, 2, True], "b": ()}, (("a", "x"), ("a", "2"), ("a", "true"))),
            (MappingProxyType({"a": 1}), (("a", "1"),)),
        ],
    )
    def test_a_query_has_names_and_values(self, query: Any, sent: tuple[tuple[str, str], ...]) -> None:
        assert Call.json("GET", "/v2/x", query=query).query == sent

    @pytest.mark.parametrize("query", ["a=b", [("a", "b")], 5])
    def test_what_is_no_mapping_is_no_query(self, query: Any) -> None:
        with pytest.raises(InvalidRequestError, match="query must be a Mapping"):
            Call.json("GET", "/v2/x", query=query)

    @pytest.mark.parametrize(
        ("query", "problem"),
        [
            ({1: 2}, "a query's names must be strings, not an int"),
            ({"a": {"b": 1}}, "the query's a must be a text, a number, a boolean or a list of them, not a dict"),
            ({"a": [{"b": 1}]}, "the query's a must be .* not a dict"),
            ({"a": object()}, "the query's a must be .* not an object"),
            ({"a": b"x"}, "the query's a must be .* not a bytes"),
            ({"a": math.nan}, "the query's a must be .* not a float"),
        ],
    )
    def test_what_a_query_cannot_hold_is_refused(self, query: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=f"^{problem}"):
            Call.json("GET", "/v2/x", query=query)

    def test_an_enum_of_texts_is_its_text(self) -> None:
        class Kind(str, enum.Enum):  # noqa: UP042 (an older one, whose str is its name)
            USER = "user"

        assert Call.json("GET", "/v2/x", query={"a": Kind.USER}).query == (("a", "user"),)

    @pytest.mark.parametrize("value", [Secret("sk-1"), [Secret("sk-1")]])
    def test_a_secret_cannot_stand_in_a_query(self, value: Any) -> None:
        with pytest.raises(InvalidRequestError, match="the query's token is a secret") as caught:
            Call.json("GET", "/v2/x", query={"token": value})

        assert "sk-" not in str(caught.value)

    @pytest.mark.parametrize(
        ("path", "quoted"),
        [
            ("/v2/x", "/v2/x"),
            ("/v2/a b", "/v2/a%20b"),
            ("/v2/a%20b", "/v2/a%20b"),
            ("/v2/ö", "/v2/%C3%B6"),
            ("/v2/a#b", "/v2/a%23b"),
            ("/v2/a:b@c", "/v2/a:b@c"),
            ("/v2/~x/$y", "/v2/~x/$y"),
        ],
    )
    def test_a_path_is_quoted_where_it_has_to_be(self, path: str, quoted: str) -> None:
        assert Call.json("GET", path).path == quoted

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("/v2/x?a=b", "path has no query: the argument query"),
            ("/v2/\ud800", "path is not valid Unicode"),
            ("", "must begin with a slash"),
            ("v2/x", "must begin with a slash"),
            ("https://evil.test/", "path has no host: that is the session's base_url"),
            ("/v2/a\r\nX: y", "a control character"),
            ("/v2/x\n", "white space around it"),
            (" /v2/x", "white space around it"),
            (None, "must begin with a slash"),
            (b"/v2/x", "must begin with a slash"),
        ],
    )
    def test_what_cannot_be_a_path_is_refused(self, path: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem) as caught:
            Call.json("GET", path)

        assert caught.value.__cause__ is caught.value.__context__ is None

    @pytest.mark.parametrize("method", ["get", "HEAD", "", None, ["GET"], 5])
    def test_what_cannot_be_a_method_is_refused(self, method: Any) -> None:
        with pytest.raises(InvalidRequestError, match="method must be one of DELETE, GET, PATCH, POST, PUT, not"):
            Call.json(method, "/v2/x")

    @pytest.mark.parametrize(
        ("method", "repeatable"), [("GET", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)]
    )
    def test_it_is_repeatable_where_http_says_so_or_the_caller(self, method: str, repeatable: bool) -> None:
        assert Call.json(method, "/v2/x").repeatable is repeatable
        assert Call.json(method, "/v2/x", repeatable=True).repeatable
        assert not Call.json(method, "/v2/x", repeatable=False).repeatable

    @pytest.mark.parametrize(
        ("answer", "value"),
        [(b"", None), (b" \n", None), (b"null", None), (b"[1]", [1]), (b'{"a": 1}', {"a": 1}), (b"0", 0)],
    )
    def test_any_json_is_its_result(self, answer: bytes, value: Any) -> None:
        assert Call.json("GET", "/v2/x").decode(answer) == value

    def test_what_is_no_json_is_a_decode_error(self) -> None:
        with pytest.raises(DecodeError, match="JSON"):
            Call.json("GET", "/v2/x").decode(b"<html>")

    def test_no_traceback_with_locals_shows_what_was_to_be_sent(self) -> None:
        body = {"plain": "SECRET", "wrong": object()}
        text = traceback_of(lambda: Call.json("POST", "/v2/x", body))

        assert "cannot be written" in text
        assert "SECRET" not in text


class TestChecks:
    @pytest.mark.parametrize("body", ["{}", {}, bytearray(b"{}"), 5])
    def test_a_body_is_bytes(self, body: Any) -> None:
        with pytest.raises(InvalidRequestError, match=r"body must be bytes, not a \w+: Call\.json makes them"):
            Call(method="POST", path="/v2/x", decode=bytes, body=body)

    @pytest.mark.parametrize(
        "query", [{"a": "b"}, "a=b", [("a", "b")], (("a", 1),), (("a",),), ("ab",), (("a", None),)]
    )
    def test_a_query_is_pairs_of_strings(self, query: Any) -> None:
        with pytest.raises(
            InvalidRequestError, match=r"query must be a tuple of pairs of strings: Call\.json makes it"
        ):
            Call(method="GET", path="/v2/x", decode=bytes, query=query)

    @pytest.mark.parametrize("decode", [None, "json", {}])
    def test_what_reads_the_answer_is_a_function(self, decode: Any) -> None:
        with pytest.raises(InvalidRequestError, match="decode must be a function of the answer's bytes, not "):
            Call(method="GET", path="/v2/x", decode=decode)

    @pytest.mark.parametrize("changes", [{"method": "TRACE"}, {"path": "x"}, {"body": "x"}])
    def test_a_changed_call_is_checked_again(self, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequestError):
            attrs.evolve(Call.json("POST", "/v2/x"), **changes)

    def test_it_is_spelled_in_the_names_since_the_rename_where_there_are_any(self) -> None:
        call = Call(
            method="POST",
            path="/v2/personas",
            renamed_path="/v2/pals",
            decode=json.loads,
            body=b"old",
            renamed_body=b"new",
        )
        only_path = attrs.evolve(call, renamed_body=None)

        assert call.spelled(renamed=False) is call
        assert (call.spelled(renamed=True).path, call.spelled(renamed=True).body) == ("/v2/pals", b"new")
        assert (only_path.spelled(renamed=True).path, only_path.spelled(renamed=True).body) == ("/v2/pals", b"old")

    def test_it_does_not_show_its_body_or_its_secrets(self) -> None:
        call = Call.json("POST", "/v2/x", {"a": "sk-1", "b": Secret("sk-2")})

        assert "sk-" not in f"{call!r} {call}"
