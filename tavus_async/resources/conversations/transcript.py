"""What was said in a conversation: a transcript, of turns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self, SupportsIndex, overload

import attrs

from tavus_async._records.fields import nested, opaque
from tavus_async._records.immutable import JsonObject, freeze, is_mapping, is_sequence, refuse_depth, thaw
from tavus_async._records.json import loads
from tavus_async._records.reading import make_record
from tavus_async._records.record import Record
from tavus_async._records.secrets import Hidden
from tavus_async._records.timestamp import Instant
from tavus_async.errors import InvalidRequestError

TurnRole = Literal["system", "user", "assistant", "tool"] | str

# Of items that nobody says: prompts and retrieved documents, and answers of tools.
PROMPTS = frozenset({"system", "developer"})
UNSPOKEN = PROMPTS | {"tool"}


def read_arguments(arguments: Any) -> JsonObject | None:
    """Return the arguments of a tool call, which come as JSON in a text or as an object; None where they are no object.

    An empty text means no arguments.
    """
    if isinstance(arguments, str):
        try:
            arguments = loads(arguments.encode(errors="surrogatepass")) if arguments.strip() else {}
        except ValueError:
            return None
    return freeze(arguments) if is_mapping(arguments) else None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TurnToolCall(Record):
    """A tool that the language model called in a turn, in either of the two shapes that Tavus writes."""

    id: str | None = None
    """What the answer's `tool_call_id` is; the second answer of an asynchronous tool is called `<id>_result`."""
    type: str | None = None
    """`function`, if given at all."""
    function: JsonObject | None = opaque()
    """Name and arguments, where they do not stand beside the id."""

    @property
    def name(self) -> str | None:
        """The tool's name."""
        name = self._either("name")
        return name if isinstance(name, str) else None

    @property
    def arguments(self) -> str | JsonObject | None:
        """The arguments as they came: a text that should be JSON, or an object."""
        arguments = self._either("arguments")
        return arguments if isinstance(arguments, str) or is_mapping(arguments) else None

    @property
    def parsed_arguments(self) -> JsonObject | None:
        """The arguments as an object; None where a model wrote what is none."""
        return read_arguments(self.arguments)

    def _either(self, name: str) -> Any:
        inner = self.function.get(name) if self.function else None
        return self.extra.get(name) if inner is None else inner


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Turn(Record):
    """One item of a transcript: what one side said, a prompt, or what a tool answered."""

    role: TurnRole | None = None
    """`user`, `assistant`, `system` (prompts, retrieved documents) or `tool`."""
    content: str | None = None
    """What was said; empty in a turn that only calls tools."""
    timestamp: Instant | None = None
    """When; Tavus sends an ISO text in some conversations and seconds since 1970 in others."""
    seconds_from_start: float | None = None
    """Seconds since the conversation began."""
    duration: float | None = None
    """Seconds that it took to say; missing on some."""
    inference_id: str | None = None
    """That of the `Utterance` sent into the room for the same turn."""
    tool_calls: Sequence[TurnToolCall] | None = nested(None)
    """Tools that were called in this turn."""
    tool_call_id: str | None = None
    """On a tool's answer: the id of the call."""

    @property
    def is_spoken(self) -> bool:
        """Whether somebody said something: no prompt, no tool, not empty."""
        return self.role not in UNSPOKEN and bool(self.content)


class Transcript(tuple[Turn, ...]):
    """The turns of a conversation in their order, prompts included: a tuple that can also be read as a text."""

    __slots__ = ()

    @classmethod
    def from_list(cls, items: Iterable[Turn | Mapping[str, Any]]) -> Self:
        """Return the transcript of turns, or of their JSON objects; InvalidRequestError for anything else."""
        listed = Hidden(list(items))
        del items  # which may hold secrets, as a local variable of the traceback
        refuse_depth(listed)
        if not are_turns(listed):
            raise InvalidRequestError("a transcript is a list of turns, or of their JSON objects")
        return cls(map(read_turn, listed.given))

    def to_list(self, *, secrets: bool = True) -> list[dict[str, Any]]:
        """Return the JSON objects of the turns; without *secrets*, credentials in them are `"***"`."""
        return [turn.to_dict(secrets=secrets) for turn in self]

    @property
    def text(self) -> str:
        """What was said, a line for each turn, as in `user: Hello.`; `as_text` also shows prompts and tools."""
        return self.as_text()

    def as_text(self, *, system: bool = False, tools: bool = False) -> str:
        """Return what was said, a line for each turn: with *system*, prompts too; with *tools*, calls and answers."""
        return "\n".join(line for turn in self for line in lines_of(turn, system=system, tools=tools))

    @property
    def spoken(self) -> "Transcript":
        """The turns in which somebody said something: without prompts, tools and empty ones."""
        return Transcript(turn for turn in self if turn.is_spoken)

    @overload
    def __getitem__(self, place: SupportsIndex) -> Turn: ...
    @overload
    def __getitem__(self, place: slice) -> "Transcript": ...
    def __getitem__(self, place: SupportsIndex | slice) -> "Turn | Transcript":
        found = super().__getitem__(place)
        return found if isinstance(found, Turn) else Transcript(found)

    def __repr__(self) -> str:
        return f"Transcript(<{len(self)} turns>)"


def are_turns(listed: Hidden) -> bool:
    """Return whether these are turns, or their JSON objects."""
    return all(isinstance(each, Turn) or is_mapping(each) for each in listed.given)


def read_turn(item: Turn | Mapping[str, Any]) -> Turn:
    """Return a turn as it is, or that of a JSON object."""
    return item if isinstance(item, Turn) else make_record(Turn, thaw(item))


def read_transcript(items: Any) -> Transcript:
    """Return the transcript of a JSON list; what is no object in it is left out, and so is a list that is none."""
    return Transcript(read_turn(each) for each in items if is_mapping(each)) if is_sequence(items) else Transcript()


def lines_of(turn: Turn, *, system: bool, tools: bool) -> Iterable[str]:
    """Yield the lines that show a turn."""
    is_shown = turn.is_spoken or (system and turn.role in PROMPTS) or (tools and turn.role == "tool")
    if is_shown and turn.content:
        yield f"{turn.role}: {turn.content}"
    if tools:
        yield from (f"{turn.role} calls {call.name}: {call.arguments}" for call in turn.tool_calls or ())
