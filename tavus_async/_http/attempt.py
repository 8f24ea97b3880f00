"""One attempt at a call, as a value that tells whether it was sent; it needs no aiohttp, which takes long to load."""

from collections.abc import Mapping
from typing import Any

import attrs

from tavus_async._wire.call import Call


@attrs.define(eq=False)
class Attempt:
    """One attempt at a call, which is sent at most once."""

    call: Call[Any]
    headers: Mapping[str, str] = attrs.field(repr=False)
    """On top of the session's."""
    was_sent: bool = False
    """Whether a byte of it may have left; until then the server cannot know of it."""
