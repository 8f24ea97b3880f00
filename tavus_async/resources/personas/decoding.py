"""Personas of the answers that hold them."""

from collections.abc import Callable
from functools import cache
from typing import Any

from tavus_async._records.json import is_list, is_object
from tavus_async._records.reading import converter, kind_of, load
from tavus_async._values import Page
from tavus_async.errors import DecodeError
from tavus_async.resources.personas.records import CreatedPersona, Persona

LIST_KEYS = ("data", "personas", "pals")


def decode_persona(body: bytes, persona_id: str | None = None) -> Persona:
    """Read one persona: bare, in the documented `{"data": [persona]}`, or in `{"data": persona}`.

    Where an envelope holds several, the one with *persona_id* is taken, else the first.
    Raises DecodeError for anything that is not an object with an id.
    """
    value = load(body)
    if not has_id(value):
        value, path = unwrap(value, persona_id)
        check_id(value, path)
    return make_persona()(value, Persona)


def decode_personas(body: bytes) -> Page[Persona]:
    """Read one page of personas; DecodeError where the body is no list of personas."""
    value = load(body)
    items, path, total = value, "$", None
    if is_object(value):
        key = next((key for key in LIST_KEYS if is_list(value.get(key))), LIST_KEYS[0])
        items, path, total = value.get(key), f"$.{key}", value.get("total_count")
    if not is_list(items):
        raise DecodeError(path=path, expected="a list of personas", got=kind_of(items))
    for index, item in enumerate(items):
        if not has_id(item):
            check_id(item, f"{path}[{index}]")
    make = make_persona()
    return Page(items=tuple([make(item, Persona) for item in items]), total_count=total if type(total) is int else None)


def decode_created(body: bytes) -> CreatedPersona:
    """Read the answer to a create; DecodeError for anything that is not an object with an id."""
    value, path = unwrap(load(body), None)
    check_id(value, path)
    return converter().structure(value, CreatedPersona)


def unwrap(value: Any, persona_id: str | None) -> tuple[Any, str]:
    """Take a persona out of its envelope, if it is in one, and tell where it was."""
    if not is_object(value) or has_id(value) or "data" not in value:
        return value, "$"
    data = value["data"]
    if not is_list(data):
        return data, "$.data"
    if not data:
        raise DecodeError(path="$.data", expected="a persona", got="an empty list")
    wanted = (
        index
        for index, item in enumerate(data)
        if persona_id is not None and has_id(item) and persona_id in (item.get("persona_id"), item.get("pal_id"))
    )
    index = next(wanted, 0)
    return data[index], f"$.data[{index}]"


def has_id(value: Any) -> bool:
    """Tell whether this is an object with an id."""
    return value.__class__ is dict and (
        isinstance(value.get("persona_id"), str) or isinstance(value.get("pal_id"), str)
    )


def check_id(value: Any, path: str) -> None:
    """Take an object with an id; DecodeError for anything else."""
    if not has_id(value):
        raise DecodeError(path=path, expected="an object with persona_id or pal_id", got=kind_of(value))


@cache
def make_persona() -> Callable[[Any, Any], Persona]:
    """Return the function that makes a persona of a JSON object with an id.

    It is made on the first use. A session has it made before its first call, so that no answer waits for it.
    """
    return converter().get_structure_hook(Persona)
