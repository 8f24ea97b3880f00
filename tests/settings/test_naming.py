import copy
import inspect
import pickle
import re
from typing import Any

import attrs
import pytest

from tavus_async import ConfigurationError, Pool, RateLimit, RetryPolicy, Timeouts
from tavus_async._settings.naming import FOREIGN_NAMES, Settings
from tavus_async.sandbox import Callbacks, Faults, Sandbox

KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Pool, RateLimit, RetryPolicy, Timeouts)}
FOREIGN = [(kind, name, ours) for kind, names in FOREIGN_NAMES.items() for name, ours in names.items()]


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [
        ("RateLimit", "rps", ": use per_second="),
        ("RateLimit", "per_sec", " (did you mean per_second?)"),
        ("RateLimit", "bursts", " (did you mean burst?)"),
        ("RateLimit", "zzz", "; it takes per_second, burst, adaptive, max_wait"),
        ("RetryPolicy", "max_retries", ": use attempts=…, which counts the first attempt too"),
        ("RetryPolicy", "attempt", " (did you mean attempts?)"),
        ("RetryPolicy", "backoff", ": use base_delay="),
        ("Timeouts", "timeout", ": use total="),
        ("Timeouts", "Connect", " (did you mean connect?)"),
        ("Pool", "max_connections", ": use connections="),
        ("Pool", "verify", ": use ssl=, an ssl.SSLContext"),
    ],
)
def test_an_argument_that_there_is_not_is_refused_with_what_is_meant(kind: str, name: str, meant: str) -> None:
    needed: dict[str, Any] = {"per_second": 5} if kind == "RateLimit" else {}

    with pytest.raises(ConfigurationError) as caught:
        KINDS[kind](**needed, **{name: 3})

    assert str(caught.value) == f"{kind} takes no {name!r}{meant}"


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [(Sandbox, "persona", "did you mean personas?"), (Faults, "errors", "did you mean error?"),
     (Callbacks, "lost", "it takes to"), (Sandbox, "_account", "it takes personas, conversations, rate_limit")],
)  # fmt: skip
def test_so_is_one_of_the_sandbox(kind: Any, name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{kind.__name__} takes no '{name}'.*{re.escape(meant)}"):
        kind(**{name: 1})


@pytest.mark.parametrize(("kind", "name", "ours"), FOREIGN)
def test_what_a_foreign_name_means_is_an_argument_that_there_is(kind: str, name: str, ours: str) -> None:
    fields = {owner: {field.alias for field in attrs.fields(KINDS[owner])} for owner in KINDS}
    named = re.findall(r"(?:(\w+)\()?(\w+)=", ours)

    assert name not in fields[kind]
    assert named
    assert [argument for owner, argument in named if argument not in fields[owner or kind]] == []


@pytest.mark.parametrize("kind", [Pool, RetryPolicy, Timeouts, lambda *given: RateLimit(5, 5, *given)])
def test_what_has_to_be_named_is_told_by_its_names(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^\w+ takes its settings by name: \w+, \w+"):
        kind(3)


def test_a_change_of_settings_is_refused_alike() -> None:
    with pytest.raises(ConfigurationError, match=r"RetryPolicy takes no 'attempt' \(did you mean attempts\?\)"):
        attrs.evolve(RetryPolicy(), attempt=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("settings", [RateLimit(5, 7), RetryPolicy(attempts=2), Timeouts(total=3), Pool(connections=4)])
def test_settings_are_copied_and_pickled_as_ever(settings: Settings) -> None:
    assert copy.copy(settings) == copy.deepcopy(settings) == settings
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301
    assert not hasattr(settings, "__dict__")


@pytest.mark.parametrize("kind", KINDS.values())
def test_editors_see_the_arguments(kind: type) -> None:
    assert list(inspect.signature(kind).parameters) == [field.alias for field in attrs.fields(kind)]
