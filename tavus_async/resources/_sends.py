"""What a resource knows of the session: how to send, and what it keeps in an open one."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import FunctionType
from typing import Final, TypeVar

from tavus_async._bulk.keys import Keys, KeyT
from tavus_async._bulk.run import MAX_OUTAGE, LookUp, OnProgress, Outcomes
from tavus_async._bulk.session_part import PartT, Send
from tavus_async._settings.refused import forget_refused
from tavus_async._wire.call import Call

T = TypeVar("T")

HOT: Final = frozenset({"send", "get_persona"})
"""What is called so often that it forgets what it was given by itself, without a function more."""


class Sends(ABC):
    """The base of every resource's methods: `AsyncSession` has the four that they are made of."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, method in tuple(vars(cls).items()):
            if isinstance(method, FunctionType) and not name.startswith("_") and name not in HOT:
                setattr(cls, name, forget_refused(method))

    @abstractmethod
    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:
        """Send a call and return its result."""
        ...

    @abstractmethod
    def send_each(
        self,
        make_call: Callable[[KeyT], Call[T]],
        keys: Keys[KeyT],
        *,
        concurrency: int | None = None,
        ordered: bool = False,
        on_progress: OnProgress | None = None,
        timeout: float | None = None,
        max_outage: float = MAX_OUTAGE,
        look_up: LookUp[T] | None = None,
    ) -> Outcomes[T]:
        """Send a call for each key, and iterate over their outcomes."""
        ...

    @abstractmethod
    def _part(self, kind: type[PartT]) -> PartT:
        """Return the open session's one object of this class, made on the first use."""
        ...

    @abstractmethod
    def _sender(self) -> Send:
        """Return what sends calls with this session's options, also while it is being closed."""
        ...
