"""The door of the package: what `import tavus_async` offers, and nothing more."""

import importlib.metadata
import importlib.resources
import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import tavus_async
from tavus_async import errors
from tavus_async._settings.version import installed_version

MAIN_NAMES = {
    "AsyncSession",
    "Outcome",
    "Persona",
    "Pool",
    "RateLimit",
    "RateLimiter",
    "RetryPolicy",
    "Timeouts",
}


# All but errors and patch are loaded when they are asked for.
MODULES = {"calls", "errors", "models", "patch", "interactions", "webhooks"}


def public_names() -> set[str]:
    """What stands in the door without an underscore and is not a module."""
    return {
        name
        for name in dir(tavus_async)
        if not name.startswith("_") and not isinstance(getattr(tavus_async, name), ModuleType)
    }


def test_the_list_of_names_is_sorted_and_has_no_name_twice() -> None:
    assert list(tavus_async.__all__) == sorted(set(tavus_async.__all__))


def test_the_list_of_names_equals_the_public_names() -> None:
    listed = {name for name in tavus_async.__all__ if not name.startswith("_")}
    modules = {name for name in listed if isinstance(getattr(tavus_async, name), ModuleType)}

    assert listed - modules == public_names()
    assert modules == MODULES


def test_the_main_names_are_there() -> None:
    assert set(tavus_async.__all__) >= MAIN_NAMES


@pytest.mark.parametrize("name", sorted(public_names()))
def test_a_public_name_is_documented(name: str) -> None:
    value = getattr(tavus_async, name)
    text = inspect.getdoc(value) or ""

    assert text.strip()
    if inspect.isclass(value):
        assert value.__doc__, f"{name} only inherits its docstring"


@pytest.mark.parametrize("name", sorted(public_names()))
def test_public_methods_are_documented(name: str) -> None:
    value = getattr(tavus_async, name)
    members = inspect.getmembers(value, inspect.isfunction) if inspect.isclass(value) else []
    own = [
        (attribute, member)
        for attribute, member in members
        if not attribute.startswith("_") and member.__module__.startswith("tavus_async")
    ]
    bare = [attribute for attribute, member in own if not inspect.getdoc(member)]

    assert not bare


def test_every_error_is_at_top_level() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.TavusError) and not name.startswith("_")
    }

    assert tree
    assert tree <= set(tavus_async.__all__)
    assert all(getattr(tavus_async, name) is getattr(errors, name) for name in tree)


def test_the_version_is_the_installed_one() -> None:
    assert tavus_async.__version__ == importlib.metadata.version("tavus-async")


def test_where_nothing_is_installed_the_version_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", nothing)

    assert installed_version.__wrapped__() == "0"


def test_the_version_is_read_only_when_asked_for() -> None:
    program = "import tavus_async as t; assert '__version__' not in vars(t); print(t.__version__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == importlib.metadata.version("tavus-async")


@pytest.mark.parametrize("name", ["calls", "interactions", "models", "webhooks"])
def test_what_not_every_program_needs_is_loaded_when_it_is_asked_for(name: str) -> None:
    printed = run(
        f"""
import sys, tavus_async
print('tavus_async.{name}' in sys.modules, bool(tavus_async.{name}.__all__), 'aiohttp.web' in sys.modules)
"""
    )

    assert printed == "False True False\n"


def test_records_of_resources_are_loaded_when_the_resource_is_used() -> None:
    printed = run(
        """
import sys, tavus_async
print([name for name in sys.modules if name.startswith('tavus_async.resources.') and name.endswith('.records')])
print([name for name in tavus_async.__all__ if not hasattr(tavus_async, name)])
"""
    )

    assert printed == "[]\n[]\n"


def run(program: str) -> str:
    """What a program prints, in an interpreter that has imported nothing yet."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        tavus_async.no_such_name  # type: ignore[attr-defined] # noqa: B018


def test_the_package_is_marked_as_typed() -> None:
    assert importlib.resources.files("tavus_async").joinpath("py.typed").is_file()
