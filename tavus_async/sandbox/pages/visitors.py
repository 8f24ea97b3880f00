"""The people who have rooms open in browsers: who closes the page has left, and each is known by what they say."""

import asyncio
from collections import Counter, deque
from collections.abc import Generator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from attrs import define, field

from tavus_async.sandbox.rooms import Room

__all__ = ["Visitors"]

_KEPT_UTTERANCES = 1_000


@define(kw_only=True, eq=False)
class Visitors:
    """Those who joined rooms by the pages.

    A visitor is there for as long as an event stream is open. Reloading the page, or losing the network for a moment,
    ends one stream and begins another, so only who has had none for *grace* seconds has left.
    """

    grace: float = 4.0
    """Real seconds without a stream after which a visitor has left."""
    _streams: Counter[str] = field(init=False, factory=Counter[str])
    _leaving: dict[str, tuple[asyncio.TimerHandle, Room]] = field(
        init=False, factory=dict[str, tuple[asyncio.TimerHandle, Room]]
    )
    _spoken: WeakKeyDictionary[Room, deque[tuple[int, str]]] = field(
        init=False, factory=WeakKeyDictionary[Room, deque[tuple[int, str]]]
    )

    def join(self, room: Room, name: str, token: str | None) -> str:
        """Let somebody into *room*, whose stream has to follow, and return the id; raises as `Room.join` does."""
        participant_id = room.join(name, token)
        self._expect(room, participant_id)
        return participant_id

    def say(self, room: Room, participant_id: str, text: str) -> None:
        """Let a visitor say *text*; raises as `Room.say` does."""
        before = _last_seq(room)
        room.say(participant_id, text)
        spoken = self._spoken.setdefault(room, deque(maxlen=_KEPT_UTTERANCES))
        for message in room.messages:
            seq = message["seq"]
            if isinstance(seq, int) and seq > before and message["event_type"] == "conversation.utterance":
                spoken.append((seq, participant_id))

    def leave(self, room: Room, participant_id: str) -> None:
        """Let a visitor go; who has gone already is no error."""
        self._forget(participant_id)
        if participant_id in room.participants:
            room.leave(participant_id)

    def speakers(self, room: Room) -> dict[int, str]:
        """Return who said the newest utterances, ids by `seq`; events themselves do not tell."""
        return dict(self._spoken.get(room, ()))

    @contextmanager
    def stay(self, room: Room, participant_id: str) -> Generator[None]:
        """Keep a visitor in *room* for the time of the block, which is one stream."""
        self._forget(participant_id)
        self._streams[participant_id] += 1
        try:
            yield
        finally:
            self._streams[participant_id] -= 1
            if not self._streams[participant_id]:
                del self._streams[participant_id]
                self._expect(room, participant_id)

    def close(self) -> None:
        """Wait for nobody any more: who has no stream has left."""
        for participant_id, (_, room) in list(self._leaving.items()):
            self.leave(room, participant_id)

    def _expect(self, room: Room, participant_id: str) -> None:
        if participant_id in room.participants:
            timer = asyncio.get_running_loop().call_later(self.grace, self.leave, room, participant_id)
            self._leaving[participant_id] = timer, room

    def _forget(self, participant_id: str) -> None:
        waiting = self._leaving.pop(participant_id, None)
        if waiting is not None:
            waiting[0].cancel()


def _last_seq(room: Room) -> int:
    seq = room.messages[-1]["seq"] if room.messages else 0
    return seq if isinstance(seq, int) else 0
