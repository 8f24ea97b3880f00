"""What a running sandbox shows of itself to those who look from outside, such as its pages."""

from typing import Protocol

from tavus_async.sandbox.callbacks import Delivery
from tavus_async.sandbox.json import JsonObject
from tavus_async.sandbox.rooms import Rooms
from tavus_async.sandbox.stats import SandboxStats, ServedRequest

__all__ = ["Contents"]


class Contents(Protocol):
    """The part of `Sandbox` that its pages read; `Sandbox` says what each means."""

    @property
    def api_key(self) -> str: ...  # noqa: D102

    @property
    def url(self) -> str: ...  # noqa: D102

    @property
    def persona_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def conversation_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def active_conversation_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def rooms(self) -> Rooms: ...  # noqa: D102

    @property
    def deliveries(self) -> tuple[Delivery, ...]: ...  # noqa: D102

    @property
    def requests(self) -> tuple[ServedRequest, ...]: ...  # noqa: D102

    def stats(self) -> SandboxStats: ...  # noqa: D102

    def stored(self, persona_id: str) -> JsonObject: ...  # noqa: D102

    def stored_conversation(self, conversation_id: str) -> JsonObject: ...  # noqa: D102
