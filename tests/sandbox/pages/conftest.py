"""A sandbox with one persona, and readers of its pages."""

from collections.abc import AsyncIterator

import pytest

from tavus_async.sandbox import Sandbox
from tests.support.reader import ADA, Reader, Start, readers


@pytest.fixture
async def read() -> AsyncIterator[Start]:
    """Starts a sandbox and gives a reader of its pages; both are closed after the test."""
    async with readers() as start:
        yield start


@pytest.fixture
async def reader(read: Start) -> Reader:
    """A reader of a small sandbox with one persona."""
    return await read(Sandbox(personas=[ADA]))
