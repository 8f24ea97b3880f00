"""Lists of tags, in every shape in which they may come."""

import json
from typing import Any

import pytest

from tavus_async import DecodeError, InvalidRequestError
from tavus_async._wire.resource import Resource
from tavus_async.models import Document
from tavus_async.resources._tags import list_tags_page

TAGGED = Resource(path="/v2/things", record=Document, id_name="document_id", first_page=1)


def decoded(body: Any) -> Any:
    return list_tags_page(TAGGED, page=1, limit=10, search=None).decode(json.dumps(body).encode())


def test_they_lie_beneath_the_list_of_what_has_them() -> None:
    call = list_tags_page(TAGGED, page=2, limit=5, search="a")

    assert (call.method, call.path) == ("GET", "/v2/things/tags")
    assert dict(call.query) == {"limit": "5", "page": "2", "search": "a"}
    with pytest.raises(InvalidRequestError, match="page must be a whole number from 1 up"):
        list_tags_page(TAGGED, page=0, limit=5, search=None)


@pytest.mark.parametrize(
    ("body", "total"),
    [
        ({"tags": ["a", "b"], "total_count": 7}, 7),
        ({"data": ["a", "b"], "total": 2}, 2),
        (["a", "b"], None),
        ({"tags": [{"tag": "a", "count": 3}, {"name": "b"}], "total_count": "many"}, None),
    ],
)
def test_they_are_read_in_every_shape(body: Any, total: int | None) -> None:
    page = decoded(body)

    assert (page.items, page.total_count) == (("a", "b"), total)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, r"\$"),
        ("a", r"\$"),
        (None, r"\$"),
        ({"tags": {}}, r"\$\.tags"),
        ({"tags": ["a", 5]}, r"\$\.tags\[1\]"),
        ({"data": [{"count": 1}]}, r"\$\.data\[0\]"),
    ],
)
def test_anything_else_is_a_decode_error_that_tells_the_place(body: Any, place: str) -> None:
    with pytest.raises(DecodeError, match=f"a (list of tags|tag) at {place},"):
        decoded(body)
