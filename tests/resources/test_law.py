"""One law: `session.x(…)` is `session.send(calls.x(…))`, for every endpoint there is."""

import inspect
import pkgutil
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest

import tavus_async.resources
from tavus_async import AsyncSession, Call, calls
from tests.support.quick import KEY

ENDPOINTS = [name for name in calls.__all__ if name != "Call"]

# What to give for each parameter, by its name: other than its default, so that a forgotten one shows.
COMMON: dict[str, Any] = {"page": 3, "limit": 7, "verbose": True, "hard": True}
RESOURCES = [found.name for found in pkgutil.iter_modules(tavus_async.resources.__path__) if found.ispkg]
# What each resource's own `samples` say: by endpoint, what to give for its other parameters; ids need not be given.
SAMPLES: dict[str, dict[str, Any]] = {
    endpoint: arguments
    for name in RESOURCES
    if (Path(__file__).parent / name / "samples.py").is_file()
    for endpoint, arguments in import_module(f"tests.resources.{name}.samples").SAMPLES.items()
}
# What a method takes beyond what its call is made of: how long it waits before the call is sent.
BEYOND_THE_CALL = frozenset({"self", "timeout", "wait_for_slot"})


class Recorder(AsyncSession):
    """A session that sends nothing and remembers what it was to send."""

    sent: tuple[Call[Any], float | None] | None = None

    async def send(self, call: Call[Any], *, timeout: float | None = None) -> Any:
        self.sent = (call, timeout)
        return "the answer"


def parameters(function: Callable[..., Any], *, without: frozenset[str] = frozenset()) -> list[inspect.Parameter]:
    hints = get_type_hints(function)
    found = inspect.signature(function).parameters.values()
    return [each.replace(annotation=hints.get(each.name)) for each in found if each.name not in without]


def sample(function: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments for every parameter."""
    known = COMMON | SAMPLES.get(function.__name__, {})
    samples = {
        each.name: known.get(each.name, "x 1" if each.name.endswith("_id") else None) for each in parameters(function)
    }
    missing = [name for name, value in samples.items() if value is None]
    assert not missing, f"give {function.__name__} something for {missing} in its resource's samples"
    positional = [samples[each.name] for each in parameters(function) if each.kind is not each.KEYWORD_ONLY]
    named = {each.name: samples[each.name] for each in parameters(function) if each.kind is each.KEYWORD_ONLY}
    return positional, named


def plain(call: Call[Any]) -> dict[str, Any]:
    """A call as values that can be compared: two partials of one function and its arguments are never equal."""
    fields = attrs.asdict(call, recurse=False)
    decode = fields.pop("decode")
    return fields | {"decode": (decode.func, decode.args) if isinstance(decode, partial) else decode}


def test_there_are_endpoints() -> None:
    assert {"get_persona", "create_persona", "list_personas_page", "patch_persona", "delete_persona"} <= set(ENDPOINTS)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_is_a_pure_function_to_a_call(name: str) -> None:
    make = getattr(calls, name)
    positional, named = sample(make)

    call = make(*positional, **named)

    assert isinstance(call, Call)
    assert plain(call) == plain(make(*positional, **named))
    assert not inspect.iscoroutinefunction(make)


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_the_method_of_that_name_sends_that_call(name: str) -> None:
    make = getattr(calls, name)
    positional, named = sample(make)
    session = Recorder(KEY)

    answer = await getattr(session, name)(*positional, **named, timeout=4.5)

    assert session.sent is not None
    assert plain(session.sent[0]) == plain(make(*positional, **named))
    assert (session.sent[1], answer) in {(4.5, "the answer"), (4.5, None)}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_both_take_the_same(name: str) -> None:
    method = parameters(getattr(AsyncSession, name), without=BEYOND_THE_CALL)

    assert method == parameters(getattr(calls, name))
    assert inspect.signature(getattr(AsyncSession, name)).parameters["timeout"].default is None


@pytest.mark.parametrize("name", ENDPOINTS)
def test_both_give_the_same(name: str) -> None:
    made = get_type_hints(getattr(calls, name))["return"]
    given = get_type_hints(getattr(AsyncSession, name))["return"]

    assert get_args(made) == (given,) or (get_args(made), given) == ((type(None),), None)
