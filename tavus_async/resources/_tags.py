"""Lists of the tags that the objects of a resource have."""

from collections.abc import Sequence
from typing import Any

import attrs

from tavus_async._records.json import is_list, is_object, load
from tavus_async._values import Page
from tavus_async._wire.answers import kind_of, total_of
from tavus_async._wire.call import Call
from tavus_async._wire.resource import Resource
from tavus_async.errors import DecodeError

# Under which an answer may have its tags, and each of those its text where it is an object.
LIST_NAMES = ("tags", "data")
TEXT_NAMES = ("tag", "name")

Tags = str | Sequence[str] | None
"""What a list is filtered by: a sequence of tags, or a text with commas between them."""


def list_tags_page(resource: Resource[Any], *, page: int, limit: int, search: str | None) -> Call[Page[str]]:
    """Return the call that reads one page of the tags of a resource."""
    call: Call[Any] = resource.list_page(page=page, limit=limit, search=search)
    return attrs.evolve(call, path=f"{resource.path}/tags", decode=decode_tags)


def decode_tags(body: bytes) -> Page[str]:
    """Read a page of tags; DecodeError where the body is no list of texts, or of objects that have one."""
    value = load(body)
    name = next((name for name in LIST_NAMES if is_object(value) and name in value), None)
    items, path = (value[name], f"$.{name}") if name else (value, "$")
    if not is_list(items):
        raise DecodeError(path=path, expected="a list of tags", got=kind_of(items))
    tags = tuple([text_of_tag(item, f"{path}[{index}]") for index, item in enumerate(items)])
    return Page(items=tags, total_count=total_of(value))


def text_of_tag(item: Any, path: str) -> str:
    """Return the text of a tag; DecodeError where it has none."""
    found = next((item[name] for name in TEXT_NAMES if name in item), None) if is_object(item) else item
    if not isinstance(found, str):
        raise DecodeError(path=path, expected="a tag", got=kind_of(found))
    return found
