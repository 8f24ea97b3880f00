"""Modules of a resource that are loaded when they are first used.

Of the many resources a program uses few, and making the classes of their records takes longer than all else that
`import tavus_async` does.
"""

from importlib import import_module
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, name: str) -> Any:
        module = import_module(self.__name__)
        vars(self).update(vars(module))  # from now on Python finds it there by itself
        return getattr(module, name)


def lazy_modules(methods: str) -> tuple[Any, Any]:
    """Return the modules `calls` and `records` of the resource that the module *methods* belongs to."""
    folder = methods.rpartition(".")[0]
    return LazyModule(f"{folder}.calls"), LazyModule(f"{folder}.records")
