"""A transcript as lines for people: when, by whom, and the words, folded to the terminal's width."""

import shutil
import textwrap
from collections.abc import Iterator
from typing import Final

from tavus_async.cli.characters import one_line
from tavus_async.cli.screen import output, texts
from tavus_async.models import Transcript, Turn

WIDEST_LINE: Final = 100
LEAST_ROOM: Final = 30


def lines(transcript: Transcript, *, is_whole: bool) -> Iterator[str]:
    """Yield the lines of what was said; if it *is_whole*, of prompts and tools too.

    Elsewhere than on a terminal each turn is one line.
    """
    turns = list(transcript if is_whole else transcript.spoken)
    clocks = [clock(turn) for turn in turns]
    longest = max(map(len, clocks), default=0)
    speakers = [one_line(turn.role or "?") for turn in turns]
    widest = max(map(len, speakers), default=0)
    for turn, when, speaker in zip(turns, clocks, speakers, strict=True):
        begin = f"{when:>{longest}}  {speaker:<{widest}}  " if longest else f"{speaker:<{widest}}  "
        for said in parts(turn):
            yield from fold(begin, said)


def clock(turn: Turn) -> str:
    """Return how long after the begin a turn began; "" where it does not say."""
    return texts.duration(turn.seconds_from_start) if turn.seconds_from_start is not None else ""


def parts(turn: Turn) -> Iterator[str]:
    """Yield what was said in a turn, and the tools that it called."""
    if turn.content:
        yield one_line(turn.content)
    for call in turn.tool_calls or ():
        yield one_line(f"calls {call.name}: {call.arguments or ''}")


def fold(begin: str, text: str) -> Iterator[str]:
    """Yield a text behind its begin, on a terminal in as many lines as it takes."""
    room = min(shutil.get_terminal_size().columns, WIDEST_LINE) - len(begin)
    if not output.is_displayed() or room < LEAST_ROOM:
        yield f"{begin}{text}"
        return
    for number, line in enumerate(textwrap.wrap(text, room)):
        yield f"{' ' * len(begin) if number else begin}{line}"
