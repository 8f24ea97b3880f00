import attrs
import pytest

from tavus_async import Call, InvalidRequestError
from tavus_async._values import Response

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
