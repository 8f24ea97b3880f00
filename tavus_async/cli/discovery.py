"""Which resources there are, and which commands each can have: read off the names of the session's methods.

This loads no resource: a program of one command needs the calls and the records of one alone.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from tavus_async import AsyncSession

# The method that each command is made of, or one of them, with the names of one and of many in it, and what its first
# argument may be: the id, or something else.
METHOD_FORMS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "create": (("create_{one}", "draft"),),
    "get": (("get_{one}", ""),),
    "list": (("list_{many}", ""),),
    "patch": (("patch_{one}", ""), ("update_{one}", "before")),
    "edit": (("patch_{one}", ""), ("update_{one}", "before")),
    "wait": (("wait_for_{one}", ""),),
    "delete": (("delete_{one}", ""),),
}


@attrs.frozen(kw_only=True)
class FoundResource:
    """A resource by the names of its methods."""

    one: str
    """What methods call one, such as `memory_store`."""
    many: str
    """What methods call many, such as `memory_stores`."""
    id_name: str
    """The argument for the id of one."""

    @property
    def name(self) -> str:
        """The word behind which its commands stand."""
        return self.many.replace("_", "-")

    def method(self, verb: str) -> str | None:
        """Return the name of the method that a command is made of; None where there is none."""
        for form, first in METHOD_FORMS[verb]:
            name = form.format(one=self.one, many=self.many)
            found = getattr(AsyncSession, name, None)
            if found is not None and (verb == "list" or first_argument(found) == (first or self.id_name)):
                return name
        return None

    def verbs(self) -> tuple[str, ...]:
        """Return the commands of those that all resources can have."""
        return tuple(verb for verb in METHOD_FORMS if self.method(verb) is not None)

    def actions(self) -> tuple[str, ...]:
        """Return what else can be done with one: `rename` for a method `rename_video(video_id, video_name)`."""
        known = {form.format(one=self.one, many=self.many) for forms in METHOD_FORMS.values() for form, _ in forms}
        names = [name for name in dir(AsyncSession) if name.endswith(f"_{self.one}") and name not in known]
        return tuple(
            name.removesuffix(f"_{self.one}")
            for name in names
            if name[0] != "_" and is_action(getattr(AsyncSession, name), self.id_name)
        )


def find_resources() -> Iterator[FoundResource]:
    """Yield each resource that can be got and listed, in the order in which a session is made of them."""
    methods = {name: method for base in AsyncSession.__mro__ for name, method in vars(base).items()}
    for name, method in methods.items():
        many = name.removeprefix("list_")
        for one in singulars(many) if name != many and not needed_arguments(method) else ():
            needed = needed_arguments(methods.get(f"get_{one}"))
            if len(needed) == 1:
                yield FoundResource(one=one, many=many, id_name=needed[0])


def is_action(method: Callable[..., Any], id_name: str) -> bool:
    """Return whether a method takes an id, and else nothing but texts without which it cannot be called."""
    first, *others = [*needed_arguments(method), ""]
    hints = inspect.get_annotations(method)
    return first == id_name and all(hints.get(name) in {str, "str"} for name in others if name)


def singulars(many: str) -> Iterator[str]:
    """Yield what one of many may be called."""
    if many.endswith("ies"):
        yield f"{many.removesuffix('ies')}y"
    elif many.endswith("s"):
        yield many.removesuffix("s")


def needed_arguments(method: Callable[..., Any] | None) -> list[str]:
    """Return the names of the arguments without which a method cannot be called."""
    if method is None:
        return []
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return [each.name for each in parameters if each.default is inspect.Parameter.empty]


def first_argument(method: Callable[..., Any]) -> str:
    """Return the name of a method's first argument; "" where it has none."""
    return next(iter(list(inspect.signature(method).parameters)[1:2]), "")
