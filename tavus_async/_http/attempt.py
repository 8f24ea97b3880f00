"""One attempt at a call, as a value that tells whether it was sent; it needs no aiohttp, which takes long to load."""

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from tavus_async._records.secrets import Secret
from tavus_async._wire.call import Call


class ConnectionGate(Protocol):
    """Where an attempt that has to connect first waits until it may be sent."""

    def connecting(self) -> None:
        """Record that an attempt connects before it is sent."""
        ...

    async def depart(self, *, is_kept: bool) -> int:
        """Wait until an attempt that has connected may be sent; return what the gate is told as it ends."""
        ...


@attrs.define(eq=False)
class Attempt:
    """One attempt at a call, which is sent at most once."""

    call: Call[Any]
    headers: Mapping[str, Secret] = attrs.field(repr=False)
    """On top of the session's."""
    gate: ConnectionGate | None = attrs.field(default=None, repr=False)
    was_sent: bool = False
    """Whether a byte of it may have left; until then the server cannot know of it."""
    departure: int = 0
    """What the gate is told as the attempt ends."""
    is_kept: bool = attrs.field(init=False, default=False)
    """Whether it is the first on a connection over which others are sent later."""
    _is_connecting: bool = attrs.field(init=False, default=False)

    def connect(self) -> None:
        """Record that a connection is opened for it."""
        self._is_connecting = True
        if self.gate is not None:
            self.gate.connecting()

    async def depart(self) -> None:
        """Wait until it may be sent, now that there is a connection; whoever calls sends it without another await."""
        if self._is_connecting:
            if self.gate is not None:
                self.departure = await self.gate.depart(is_kept=self.is_kept)
            self._is_connecting = False
        self.was_sent = True
