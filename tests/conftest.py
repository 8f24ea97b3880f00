"""What every test may count on: an environment without a key, and reference material where there is some."""

import gc
import signal
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import hypothesis
import pytest

from tests.support.loops import LOOPS, new_loop

ROOT = Path(__file__).resolve().parent.parent

# Busy machines are slow machines: an example that takes long is no failure. For more examples than the usual few:
# pytest --hypothesis-profile=thorough
hypothesis.settings.register_profile("steady", hypothesis.settings(), deadline=None, max_examples=40)
hypothesis.settings.register_profile("thorough", hypothesis.settings(), deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--loop", choices=LOOPS, default="asyncio", help="whose event loop async tests run on")


def pytest_asyncio_loop_factories(config: pytest.Config) -> dict[str, Callable[[], AbstractEventLoop]]:
    name = str(config.getoption("loop"))
    return {name: loop_factory(name)}


@cache
def loop_factory(name: str) -> Callable[[], AbstractEventLoop]:
    """One for all tests: with another, what tests share would be made anew."""
    return partial(new_loop, name)


def pytest_collection_finish() -> None:
    set_aside()


def set_aside() -> None:
    """Collects rubbish and sets aside what is left, so that the many times it is collected take no time over that."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _tidy() -> Iterator[None]:
    """Lets a module's own rubbish complain before the next module begins."""
    yield
    set_aside()


@pytest.fixture(scope="session", autouse=True)
def _no_account_and_no_proxy() -> Iterator[None]:
    """Hides the developer's own key, server and proxies, so that every machine sees the same tests."""
    names = ["TAVUS_API_KEY", "TAVUS_BASE_URL"]
    names += [f"{scheme}_proxy" for scheme in ("http", "https", "all", "no", "ws", "wss")]
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Lets the programs that tests start keep what they have compiled: hundreds of them import the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c() -> None:
    """Heeds Ctrl-C, here and in what tests start, also where a shell has started all of this in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of reference material beside the checkout; where it is absent, the test is skipped."""
    folder = ROOT.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("no folder of reference material beside the checkout")
    return folder
