"""Modules of a resource that are loaded when they are first used.

Of the many resources a program uses few, and making the classes of their records takes longer than all else that
`import tavus_async` does.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for a module, in the module that uses it, until something in it is asked for."""

    def __init__(self, name: str, *, user: str) -> None:
        super().__init__(name)
        self._user = user

    def __getattr__(self, name: str) -> Any:
        module = import_module(self.__name__)
        short = self.__name__.rpartition(".")[2]
        user = vars(sys.modules[self._user])
        if user.get(short) is self:
            user[short] = module  # which Python finds without this
        return getattr(module, name)


def lazy_modules(user: str, *names: str) -> Iterator[Any]:
    """Yield modules that stand beside the module *user*: `calls` and `records`, unless *names* say others."""
    folder = user.rpartition(".")[0]
    return (LazyModule(f"{folder}.{name}", user=user) for name in names or ("calls", "records"))
