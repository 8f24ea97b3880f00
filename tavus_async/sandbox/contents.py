"""What a running sandbox shows of itself to those who look from outside, such as its pages."""

# ruff: noqa: D102 - `Sandbox` says what each of them is

from typing import Protocol

from tavus_async.sandbox.callbacks import Delivery
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.rooms import Rooms
from tavus_async.sandbox.stats import SandboxStats, ServedRequest

__all__ = ["Contents"]


class Contents(Protocol):
    """The part of `Sandbox` that its pages read; `Sandbox` says what each means."""

    @property
    def api_key(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def persona_ids(self) -> tuple[str, ...]: ...

    @property
    def conversation_ids(self) -> tuple[str, ...]: ...

    @property
    def active_conversation_ids(self) -> tuple[str, ...]: ...

    @property
    def rooms(self) -> Rooms: ...

    @property
    def deliveries(self) -> tuple[Delivery, ...]: ...

    @property
    def requests(self) -> tuple[ServedRequest, ...]: ...

    def stats(self) -> SandboxStats: ...

    def stored(self, object_id: str, *, resource: str = "personas") -> JsonObject: ...
