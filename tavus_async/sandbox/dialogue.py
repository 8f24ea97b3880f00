"""What is said in a room: by people, and by the persona, which thinks, speaks, and can be interrupted."""

import random
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, Protocol

from attrs import define, evolve, field, frozen

from tavus_async.sandbox.clock import Clock, Timer
from tavus_async.sandbox.json import JsonObject

__all__ = ["Broadcast", "Dialogue", "SpokenLine"]

_KEPT_LINES = 10_000
_SECONDS_TO_THINK = 0.8
_SECONDS_PER_WORD = 0.35
_SHORTEST_SPEECH = 0.6


class Broadcast(Protocol):
    """Sends a message to everybody in the room."""

    def __call__(
        self, event_type: str, properties: JsonObject, *, turn: int | None = None, inference_id: str | None = None
    ) -> None:
        """Send the event with what an envelope adds to it."""


@frozen(kw_only=True)
class SpokenLine:
    """One turn of what was said."""

    role: Literal["user", "assistant"]
    """Who said it."""
    content: str
    """The words."""
    timestamp: float
    """When it began, in seconds since 1970."""
    seconds_from_start: float
    """The same in seconds of the sandbox's clock, since the persona joined."""
    duration: float
    """Seconds of the sandbox's clock that it took."""
    inference_id: str
    """That of its `conversation.utterance`."""


@frozen(kw_only=True)
class _Thought:
    text: str
    seconds: float = 0.0
    is_staged: bool = False


@frozen(kw_only=True)
class _Speech:
    line: SpokenLine
    turn: int
    end: Timer


@define(kw_only=True, eq=False)
class Dialogue:
    """The turns of one room. The persona says one thing at a time, in order, and stops when a person speaks."""

    _broadcast: Broadcast = field(alias="broadcast", repr=False)
    _clock: Clock = field(alias="clock", repr=False)
    _dice: random.Random = field(alias="dice", repr=False)
    _replies: Iterator[str] = field(alias="replies", repr=False)
    _started: float | None = field(init=False, default=None)
    _turn: int = field(init=False, default=0)
    _lines: deque[SpokenLine] = field(init=False, factory=lambda: deque[SpokenLine](maxlen=_KEPT_LINES), repr=False)
    _thoughts: deque[_Thought] = field(init=False, factory=deque[_Thought], repr=False)
    _thinking: Timer | None = field(init=False, default=None, repr=False)
    _speech: _Speech | None = field(init=False, default=None, repr=False)
    _staged: deque[str] = field(init=False, factory=deque[str], repr=False)

    @property
    def lines(self) -> Sequence[SpokenLine]:
        """Return what was said, the newest 10,000 turns of it."""
        return tuple(self._lines)

    def start(self) -> None:
        """Let the persona speak, and count seconds from now."""
        self._started = self._clock.now()
        self._go_on()

    def stop(self) -> None:
        """Say nothing more."""
        self._thoughts.clear()
        if self._thinking is not None:
            self._thinking.cancel()
        if self._speech is not None:
            self._speech.end.cancel()
        self._thinking = self._speech = None

    def hear(self, text: str, *, is_staged: bool = False) -> None:
        """Take *text* as a person's turn, and answer it; an answer that *is_staged* waits for `take_reply` too."""
        if self._speech is not None:
            self._stop_speaking(interrupted=True)
        self._turn += 1
        line = self._line("user", text)
        self._lines.append(line)
        self._announce("started_speaking", line, self._turn)
        self._announce("stopped_speaking", line, self._turn)
        self._broadcast(
            "conversation.utterance", {"role": "user", "speech": text}, turn=self._turn, inference_id=line.inference_id
        )
        reply = next(self._replies, None)
        answer = f"You said: {text}" if reply is None else reply
        self._thoughts.append(_Thought(text=answer, seconds=_SECONDS_TO_THINK, is_staged=is_staged))
        self._go_on()

    def speak(self, text: str, *, first: bool = False) -> None:
        """Let the persona say *text*, after what it has to say already, or *first*."""
        thought = _Thought(text=text)
        if first:
            self._thoughts.appendleft(thought)
        else:
            self._thoughts.append(thought)
        self._go_on()

    def interrupt(self) -> None:
        """Let the persona stop, and forget what it had to say."""
        self._thoughts.clear()
        if self._thinking is not None:
            self._thinking.cancel()
            self._thinking = None
        if self._speech is not None:
            self._stop_speaking(interrupted=True)

    def take_reply(self) -> str | None:
        """Return and remove the oldest staged answer that the persona has begun to say."""
        return self._staged.popleft() if self._staged else None

    def _go_on(self) -> None:
        is_free = self._started is not None and self._thinking is None and self._speech is None
        if is_free and self._thoughts:
            thought = self._thoughts.popleft()
            if thought.seconds:
                self._thinking = self._clock.call_later(thought.seconds, partial(self._start_speaking, thought))
            else:
                self._start_speaking(thought)

    def _start_speaking(self, thought: _Thought) -> None:
        self._thinking = None
        self._turn += 1
        line, turn = self._line("assistant", thought.text), self._turn
        self._lines.append(line)
        end = self._clock.call_later(line.duration, self._finish_speaking)
        self._speech = _Speech(line=line, turn=turn, end=end)
        self._announce("started_speaking", line, turn)
        for role in ("pal", "replica"):
            said: JsonObject = {"role": role, "speech": thought.text}
            self._broadcast("conversation.utterance", said, turn=turn, inference_id=line.inference_id)
        if thought.is_staged:
            self._staged.append(thought.text)

    def _finish_speaking(self) -> None:
        self._stop_speaking(interrupted=False)
        self._go_on()

    def _stop_speaking(self, *, interrupted: bool) -> None:
        speech, self._speech = self._speech, None
        if speech is None:
            return
        speech.end.cancel()
        took = self._seconds() - speech.line.seconds_from_start
        line = evolve(speech.line, duration=round(max(0.0, took), 3))
        if speech.line in self._lines:
            self._lines[self._lines.index(speech.line)] = line
        self._announce("stopped_speaking", line, speech.turn, interrupted=interrupted)

    def _announce(self, what: str, line: SpokenLine, turn: int, *, interrupted: bool | None = None) -> None:
        # The general event replaces the older ones of each role, which are still sent.
        is_user, has_stopped = line.role == "user", what == "stopped_speaking"
        about: JsonObject = {"interrupted": bool(interrupted), "duration": line.duration} if has_stopped else {}
        role, older = ("user", "user") if is_user else ("pal", "replica")
        self._broadcast(f"conversation.{what}", {"role": role, **about}, turn=turn, inference_id=line.inference_id)
        self._broadcast(
            f"conversation.{older}.{what}", {} if is_user else about, turn=turn, inference_id=line.inference_id
        )

    def _seconds(self) -> float:
        return 0.0 if self._started is None else self._clock.now() - self._started

    def _line(self, role: Literal["user", "assistant"], text: str) -> SpokenLine:
        return SpokenLine(
            role=role,
            content=text,
            timestamp=self._clock.time(),
            seconds_from_start=round(self._seconds(), 3),
            duration=round(max(_SHORTEST_SPEECH, _SECONDS_PER_WORD * len(text.split())), 3),
            inference_id=str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
        )
