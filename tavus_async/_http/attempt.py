"""One attempt at a call, as a value that tells whether it was sent; it needs no aiohttp, which takes long to load."""

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from tavus_async._records.secrets import Secret
from tavus_async._wire.call import Call


class ConnectionGate(Protocol):
    """Where an attempt that has to connect first waits until it may be sent."""

    def connecting(self, serial: int) -> None:
        """Record that an attempt connects before it is sent."""
        ...

    async def depart(self, serial: int, *, is_kept: bool) -> None:
        """Wait until an attempt that has connected may be sent."""
        ...


@attrs.define(eq=False)
class Attempt:
    """One attempt at a call, which is sent at most once."""

    call: Call[Any]
    headers: Mapping[str, Secret] = attrs.field(repr=False)
    """On top of the session's."""
    gate: ConnectionGate | None = attrs.field(default=None, repr=False)
    serial: int = attrs.field(default=0, kw_only=True)
    """The number under which the gate knows it."""
    was_sent: bool = False
    """Whether a byte of it may have left; until then the server cannot know of it."""
    is_kept: bool = attrs.field(init=False, default=False)
    """Whether it is the first on a connection over which others are sent later."""
    _is_connecting: bool = attrs.field(init=False, default=False)

    def connect(self) -> None:
        """Record that a connection is opened for it."""
        self._is_connecting = True
        if self.gate is not None:
            self.gate.connecting(self.serial)

    async def depart(self) -> None:
        """Wait until it may be sent, now that there is a connection; whoever calls sends it without another await."""
        if self._is_connecting:
            if self.gate is not None:
                await self.gate.depart(self.serial, is_kept=self.is_kept)
            self._is_connecting = False
        self.was_sent = True
