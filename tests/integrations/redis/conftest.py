"""A server for all of these tests, and names that no two of them share."""

import time
from collections.abc import Iterator
from itertools import count

import pytest

from tests.support.redis_server import RedisServer, run_redis_server

# Seconds for which a server counts as just started, which makes everyone wait.
YOUNG = 2.0
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One that has been up for long enough, and that no test stops."""
    with run_redis_server() as server:
        time.sleep(YOUNG)
        yield server


@pytest.fixture
def name() -> str:
    return f"limit-{next(_NUMBERS)}"
