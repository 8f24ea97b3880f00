"""The records of this package as pydantic models: the same fields, of the same types."""

import types
import typing
from collections.abc import Mapping
from typing import Any

import attrs
from pydantic import BaseModel, ConfigDict, create_model

from tavus_async.models import Persona, Record


def model_of(record: type[Record]) -> type[BaseModel]:
    """Make the model of a record. It keeps unknown fields too; it knows one name for each field, not two."""
    hints = typing.get_type_hints(record)
    fields: dict[str, Any] = {}
    for name in (field.name for field in attrs.fields(record) if field.name != "_wire_names"):
        required = getattr(attrs.fields(record), name).default is attrs.NOTHING
        kind = plain(hints[name])
        fields[name] = (kind, ...) if required else (kind | None, None)
    return create_model(f"{record.__name__}Model", __config__=ConfigDict(extra="allow"), **fields)


def plain(kind: Any) -> Any:
    """Name the type that pydantic reads fastest: dict for a mapping, list for a tuple."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return model_of(kind)
    if isinstance(kind, types.UnionType):
        parts = [plain(part) for part in kind.__args__]
        whole = parts[0]
        for part in parts[1:]:
            whole |= part
        return whole
    origin = typing.get_origin(kind)
    if origin is Mapping:
        return dict[str, Any]
    if origin is tuple:
        return list[plain(typing.get_args(kind)[0])]  # type: ignore[misc]
    return kind


class PageModel(BaseModel):
    """A page of personas."""

    data: list[model_of(Persona)]  # type: ignore[valid-type]
    total_count: int
