"""A resource stands in five places and no other: whoever adds one is told of each place forgotten."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_origin

import pytest

import tavus_async.resources
from tavus_async import AsyncSession, Call, calls, interactions, models, webhooks
from tavus_async.models import Record
from tavus_async.resources._sends import Sends

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tavus_async"
RESOURCES = sorted(found.name for found in pkgutil.iter_modules(tavus_async.resources.__path__) if found.ispkg)

# Folders that serve all resources alike, and know none.
GENERIC = ("_engine", "_http", "_wire", "_records", "_bulk", "_settings")
# What all resources have, and those of PALs among them, called in both vocabularies.
WORDS = re.compile(r"persona|\bpals?\b|replica|\bfaces?\b", re.IGNORECASE)


def modules(name: str) -> Iterator[ModuleType]:
    """The modules of a resource."""
    folder = f"tavus_async.resources.{name}"
    for found in pkgutil.iter_modules(importlib.import_module(folder).__path__):
        yield importlib.import_module(f"{folder}.{found.name}")


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """What a module defines for others."""
    for name, value in vars(module).items():
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__:
            yield name, value


def is_endpoint(value: object) -> bool:
    return inspect.isfunction(value) and get_origin(inspect.signature(value).return_annotation) is Call


def without_records(name: str) -> list[str]:
    """The records of a resource that `tavus_async.models` lacks; bases that nobody makes are named `…Fields`.

    The kinds of events have public modules of their own.
    """
    defined = {each for module in modules(name) for each, value in public(module) if is_record(value)}
    known = {*models.__all__, *webhooks.__all__, *interactions.__all__}
    return sorted(each for each in defined if not each.endswith("Fields") and each not in known)


def is_record(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Record)


def without_calls(name: str) -> list[str]:
    """The endpoints of a resource that `tavus_async.calls` lacks."""
    defined = {each for each, value in public(importlib.import_module(f"tavus_async.resources.{name}.calls"))
               if is_endpoint(value)}  # fmt: skip
    return sorted(each for each in defined if each not in calls.__all__)


def without_base(name: str) -> list[str]:
    """The methods of a resource that the session is not composed of."""
    defined = dict(public(importlib.import_module(f"tavus_async.resources.{name}.methods")))
    bases = [value for value in defined.values() if inspect.isclass(value) and issubclass(value, Sends)]
    return [base.__name__ for base in bases if base not in AsyncSession.__bases__] if bases else ["no class of methods"]


def without_place(name: str) -> list[str]:
    """The folders and modules that a resource should have elsewhere."""
    wanted = (f"tavus_async/sandbox/resources/{name}", f"tests/resources/{name}")
    return [path for path in wanted if not (ROOT / path).is_dir() and not (ROOT / f"{path}.py").is_file()]


@pytest.mark.parametrize("name", RESOURCES)
def test_its_folder_has_records_calls_and_methods(name: str) -> None:
    there = {path.stem for path in (PACKAGE / "resources" / name).glob("*.py")}

    assert {"records", "calls", "methods"} <= there


@pytest.mark.parametrize("name", RESOURCES)
def test_its_records_are_models(name: str) -> None:
    assert without_records(name) == []


@pytest.mark.parametrize("name", RESOURCES)
def test_its_endpoints_are_calls(name: str) -> None:
    assert without_calls(name) == []


@pytest.mark.parametrize("name", RESOURCES)
def test_the_session_is_composed_of_its_methods(name: str) -> None:
    assert without_base(name) == []


@pytest.mark.parametrize("name", RESOURCES)
def test_the_sandbox_and_the_tests_have_a_place_for_it(name: str) -> None:
    assert without_place(name) == []


def test_a_resource_that_has_no_place_is_told_of_each() -> None:
    assert without_place("unicorns") == ["tavus_async/sandbox/resources/unicorns", "tests/resources/unicorns"]
    assert [name for name in ("get_persona", "PERSONAS") if is_endpoint(vars(calls).get(name))] == ["get_persona"]


def test_no_name_is_a_model_or_a_call_without_a_resource() -> None:
    records = {each for name in RESOURCES for module in modules(name) for each, _ in public(module)}
    endpoints = {each for name in RESOURCES
                 for each, _ in public(importlib.import_module(f"tavus_async.resources.{name}.calls"))}  # fmt: skip

    assert set(calls.__all__) - endpoints == {"Call"}
    assert {name for name in models.__all__ if name not in records and is_record(getattr(models, name))} == {"Record"}


@pytest.mark.parametrize("folder", GENERIC)
def test_what_serves_all_resources_names_none(folder: str) -> None:
    named = [
        f"{path.relative_to(PACKAGE)}:{number} {line.strip()}"
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WORDS.search(line)
    ]

    assert not named, "\n".join(named)
