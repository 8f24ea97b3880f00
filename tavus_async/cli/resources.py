"""The resources as the commands know them: what signatures, types and docstrings say, and the views in `nouns`."""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_type_hints

import tavus_async
from tavus_async import AsyncSession
from tavus_async.cli import nouns
from tavus_async.cli.command import Command
from tavus_async.cli.discovery import FoundResource, find_resources
from tavus_async.cli.keywords import Keyword, read_keywords
from tavus_async.cli.noun import Noun, View
from tavus_async.cli.schema import field_names, spellings
from tavus_async.cli.screen import columns
from tavus_async.cli.screen.columns import Column

if TYPE_CHECKING:
    from tavus_async.models import Record

T = TypeVar("T")

# The commands that take options for the arguments of a call.
WITH_KEYWORDS: Final = ("get", "list", "patch", "delete")
# What a table shows of a record that nobody has said more of.
USUAL_COLUMNS: Final[Mapping[str, tuple[str, Column]]] = {
    "status": ("status", columns.field("status")),
    "created_at": ("created (UTC)", columns.minute("created_at")),
}


def find_noun(name: str) -> Noun[Any]:
    """Return what the commands have to know of the resource of this name."""
    return make_noun(next(resource for resource in find_resources() if resource.name == name))


def make_noun(resource: FoundResource) -> Noun[Any]:
    """Return what the commands have to know of a resource."""
    view = find_view(resource.name)
    functions = {verb: find_call(name) for verb in resource.verbs() if (name := call_name(resource, verb)) is not None}
    record = get_args(get_type_hints(functions["get"])["return"])[0]
    title = view.title or next((name for name in (f"{resource.one}_name", "name") if name in field_names(record)), "")
    keywords = {verb: tuple(find_keywords(resource, verb, view)) for verb in WITH_KEYWORDS}
    guards = tuple(keyword for keyword in keywords["patch"] if keyword.name in field_names(record))
    keywords["edit"] = tuple(keyword for keyword in keywords["patch"] if keyword not in guards)
    return Noun(
        one=resource.one,
        many=resource.many,
        view=view,
        record=record,
        draft=find_draft(functions["create"]) if "create" in functions else tavus_async.models.Record,
        id_names=spellings(record, resource.id_name),
        title_names=spellings(record, title) if title else (),
        calls=functions,
        keywords=keywords,
        guards=guards,
        takes_operations=resource.method("patch") == f"patch_{resource.one}",
        columns=view.columns if view.columns is not None else dict(usual_columns(record)),
    )


def call_name(resource: FoundResource, verb: str) -> str | None:
    """Return the name of the call that a command sends, or by whose arguments it is described; None for none."""
    name = resource.method(verb)
    names = (name, f"{name}_page") if verb == "list" else (name,)
    return next((each for each in names if each in tavus_async.calls.__all__), None)


def find_call(name: str) -> Callable[..., Any]:
    """Return a call's function."""
    function: Callable[..., Any] = getattr(tavus_async.calls, name)
    return function


def find_keywords(resource: FoundResource, verb: str, view: View) -> Iterator[Keyword]:
    """Yield the options that a command takes for the arguments of its call."""
    name, method = call_name(resource, verb), resource.method(verb)
    if name is not None:
        docs = [getattr(AsyncSession, each).__doc__ for each in (name, method) if each is not None]
        yield from read_keywords(find_call(name), resource.one, docs, view.options)


def find_draft(create: Callable[..., Any]) -> "type[Record]":
    """Return the record that a create takes."""
    hint = next(iter(get_type_hints(create).values()))
    kinds: Iterator[type[Record]] = filter(is_record, get_args(hint) or (hint,))
    return next(kinds)


def is_record(kind: Any) -> bool:
    """Return whether this is the class of a record."""
    return isinstance(kind, type) and issubclass(kind, tavus_async.models.Record)


def usual_columns(record: "type[Record]") -> Iterator[tuple[str, Column]]:
    """Yield what a table shows of a record that nobody has said more of."""
    yield from (column for name, column in USUAL_COLUMNS.items() if name in field_names(record))


def find_module(name: str) -> ModuleType | None:
    """Return the module in `nouns` of this name, if there is one."""
    module = name.replace("-", "_")
    there = any(found.name == module for found in pkgutil.iter_modules(nouns.__path__))
    return import_module(f"{nouns.__name__}.{module}") if there else None


def find_view(name: str) -> View:
    """Return how the records of a resource look: what its module in `nouns` says, else what is usual."""
    return next(found_in(find_module(name), View), View())


def own_verbs(name: str) -> Iterator[str]:
    """Yield the commands that a resource has of its own: the modules in its folder of `nouns`."""
    yield from (found.name for found in pkgutil.iter_modules(getattr(find_module(name), "__path__", ())))


def own_command(name: str, verb: str) -> Command:
    """Return a command that a resource has of its own."""
    return next(found_in(import_module(f"{nouns.__name__}.{name.replace('-', '_')}.{verb}"), Command))


def found_in(module: ModuleType | None, kind: type[T]) -> Iterator[T]:
    """Yield the values of a kind in a module."""
    yield from (value for value in (vars(module) if module else {}).values() if isinstance(value, kind))
