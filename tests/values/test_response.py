import copy
import pickle
from typing import Any

import attrs
import pytest

from tavus_async import DecodeError, Response
from tavus_async._values import Headers

HEADERS = Headers([("Content-Type", "application/json"), ("X-Request-Id", "r1"), ("x-request-ID", "r2")])
RESPONSE = Response(status=200, headers=HEADERS, body=b'{"key": "SECRET"}')


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_a_header_is_found_in_any_case(name: str) -> None:
    assert HEADERS[name] == HEADERS.get(name) == "application/json"
    assert name in HEADERS


def test_a_header_that_came_twice_has_both_values_under_the_first_name() -> None:
    assert HEADERS["X-Request-ID"] == "r1, r2"
    assert list(HEADERS) == ["Content-Type", "X-Request-Id"]
    assert dict(HEADERS) == {"Content-Type": "application/json", "X-Request-Id": "r1, r2"}
    assert len(HEADERS) == 2


def test_a_header_that_did_not_come_is_missing() -> None:
    assert HEADERS.get("Retry-After") is None
    assert "Retry-After" not in HEADERS
    with pytest.raises(KeyError):
        HEADERS["Retry-After"]
    assert not Headers([])


def test_headers_cannot_be_changed() -> None:
    headers: Any = HEADERS
    with pytest.raises(TypeError):
        headers["X"] = "y"
    with pytest.raises(TypeError):
        del headers["Content-Type"]
    with pytest.raises(AttributeError):
        headers.note = 1


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_a_response_can_be_pickled_and_copied(protocol: int) -> None:
    for twin in (pickle.loads(pickle.dumps(RESPONSE, protocol=protocol)), copy.deepcopy(RESPONSE)):  # noqa: S301
        assert twin == RESPONSE
        assert twin.headers["content-type"] == "application/json"


def test_a_response_shows_only_its_status_and_cannot_be_changed() -> None:
    assert repr(RESPONSE) == "Response(status=200)"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        RESPONSE.status = 500  # type: ignore[misc]


def test_its_json_is_read_anew_each_time() -> None:
    RESPONSE.json().clear()

    assert RESPONSE.json() == {"key": "SECRET"}


@pytest.mark.parametrize("body", [b"", b" ", b"<html>SECRET", b'{"key": "SECRET"', b"\xffSECRET"])
def test_what_is_no_json_is_a_decode_error_without_the_content(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        Response(status=200, headers={}, body=body).json()

    assert "SECRET" not in f"{caught.value} {vars(caught.value)}"
    assert caught.value.__cause__ is caught.value.__context__ is None
