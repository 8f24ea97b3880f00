"""What pydantic, and FastAPI by it, asks a class for. Nothing of them is imported here."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any


def plain_schema(*, read: Callable[[Any], Any], write: Callable[[Any], Any], kind: str) -> dict[str, Any]:
    """Return the core schema of a class: *read* makes a value or raises ValueError, *write* gives a *kind* of JSON.

    Plain data, as pydantic's documentation allows.
    """
    return {
        "type": "function-plain",
        "function": {"type": "no-info", "function": read},
        "serialization": {"type": "function-plain", "function": write, "return_schema": {"type": kind}},
    }


class OwnSerializer:
    """The attribute by which pydantic writes values of which it was told no type, as in `-> Any` or `-> dict`."""

    def __get__(self, _value: object, owner: Any) -> Any:
        """Return the serializer of the class; AttributeError where there is no pydantic that could ask for it."""
        if "pydantic_core" not in sys.modules:
            raise AttributeError("pydantic_core has not been imported")
        return make_serializer(owner)


@cache
def make_serializer(owner: Any) -> Any:
    """Return pydantic's serializer of a class."""
    core: Any = sys.modules["pydantic_core"]
    return core.SchemaSerializer(owner.__get_pydantic_core_schema__(owner, None))
