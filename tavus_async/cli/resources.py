"""The resources as the package has them: found by the names of its functions, and known by their signatures."""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final, TypeVar, get_args, get_type_hints

import attrs

from tavus_async import AsyncSession, calls
from tavus_async.cli import nouns
from tavus_async.cli.command import Command
from tavus_async.cli.keywords import Keyword, read_keywords
from tavus_async.cli.noun import Noun, View
from tavus_async.cli.schema import field_names, spellings
from tavus_async.cli.screen import columns
from tavus_async.cli.screen.columns import Column
from tavus_async.models import Record

T = TypeVar("T")

# The function that each command is made of, or one of them, with the names of one and of many in it.
FUNCTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "create": ("create_{one}",),
    "get": ("get_{one}",),
    "list": ("list_{many}",),
    "patch": ("patch_{one}", "update_{one}"),
    "edit": ("patch_{one}", "update_{one}"),
    "wait": ("wait_for_{one}",),
    "delete": ("delete_{one}",),
}
# Where the keyword arguments of each command are declared.
DECLARED: Final[Mapping[str, tuple[str, ...]]] = {
    "get": ("get_{one}",),
    "list": ("list_{many}_page", "list_{many}"),
    "patch": ("patch_{one}", "update_{one}"),
    "delete": ("delete_{one}",),
}
# What a table shows of a record that nobody has said more of.
USUAL_COLUMNS: Final[Mapping[str, tuple[str, Column]]] = {
    "status": ("status", columns.field("status")),
    "created_at": ("created (UTC)", columns.minute("created_at")),
}


@attrs.frozen(kw_only=True)
class FoundResource:
    """A resource by the names of its functions."""

    one: str
    many: str

    @property
    def name(self) -> str:
        """The word behind which its commands stand."""
        return self.many.replace("_", "-")

    def has(self, names: tuple[str, ...]) -> bool:
        """Return whether a session has one of these methods."""
        return any(hasattr(AsyncSession, self.fill(name)) for name in names)

    def fill(self, name: str) -> str:
        """Return the name of a function."""
        return name.format(one=self.one, many=self.many)

    def verbs(self) -> tuple[str, ...]:
        """Return the commands that all resources have which have the functions for them."""
        return tuple(verb for verb, names in FUNCTIONS.items() if self.has(names))


def find_resources() -> Iterator[FoundResource]:
    """Yield each resource that can be got and listed, in the order in which a session is made of them."""
    names = [name for base in AsyncSession.__mro__ for name in vars(base)]
    for name in names:
        many = name.removeprefix("list_")
        for one in singulars(many) if name != many else ():
            if f"get_{one}" in names:
                yield FoundResource(one=one, many=many)


def singulars(many: str) -> Iterator[str]:
    """Yield what one of many may be called."""
    if many.endswith("ies"):
        yield f"{many.removesuffix('ies')}y"
    elif many.endswith("s"):
        yield many.removesuffix("s")


def find_noun(name: str) -> Noun[Any]:
    """Return what the commands have to know of the resource of this name."""
    return make_noun(next(resource for resource in find_resources() if resource.name == name))


def make_noun(resource: FoundResource) -> Noun[Any]:
    """Return what the commands have to know of a resource."""
    view = find_view(resource.name)
    functions = {
        verb: found
        for verb in ("get", "create", "patch", "delete")
        if (found := find_call(resource, FUNCTIONS[verb])) is not None
    }
    get = functions["get"]
    record = get_args(get_type_hints(get)["return"])[0]
    create = functions.get("create")
    title = view.title or next((name for name in (f"{resource.one}_name", "name") if name in field_names(record)), "")
    keywords = {verb: tuple(find_keywords(resource, verb, view)) for verb in DECLARED}
    return Noun(
        one=resource.one,
        many=resource.many,
        view=view,
        record=record,
        draft=Record if create is None else next(find_records(first_of(create)[1])),
        id_names=spellings(record, first_of(get)[0]),
        title_names=spellings(record, title) if title else (),
        calls=functions,
        keywords=keywords,
        takes_operations=resource.has(("patch_{one}",)),
        columns=view.columns if view.columns is not None else dict(usual_columns(record)),
    )


def find_call(resource: FoundResource, names: tuple[str, ...]) -> Callable[..., Any] | None:
    """Return the first of these functions that there is among the calls."""
    return next((getattr(calls, name) for name in map(resource.fill, names) if name in calls.__all__), None)


def find_keywords(resource: FoundResource, verb: str, view: View) -> Iterator[Keyword]:
    """Yield the options that a command takes for the arguments of its function."""
    names = [*DECLARED[verb], *FUNCTIONS[verb]]
    declared = find_call(resource, DECLARED[verb])
    methods = [getattr(AsyncSession, name) for name in map(resource.fill, names) if hasattr(AsyncSession, name)]
    if declared is not None or methods:
        docs = [method.__doc__ for method in methods]
        yield from read_keywords(declared or methods[0], resource.one, docs, view.options)


def first_of(function: Callable[..., Any]) -> tuple[str, Any]:
    """Return the name and the type of a function's first argument."""
    name = next(iter(inspect.signature(function).parameters))
    return name, get_type_hints(function)[name]


def find_records(hint: Any) -> Iterator[type[Record]]:
    """Yield the record classes that a type is made of."""
    for each in get_args(hint) or (hint,):
        if inspect.isclass(each) and issubclass(each, Record):
            yield each


def usual_columns(record: type[Record]) -> Iterator[tuple[str, Column]]:
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
