"""What is sent into a call: app messages to the PAL, for `send_app_message` or any other way into the room.

Source: https://docs.tavus.io/sections/event-schemas
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import wraps
from typing import Any, Literal

import attrs

from tavus_async._records.immutable import is_mapping, refuse_depth
from tavus_async._records.secrets import Hidden, hidden, shown
from tavus_async._settings.checks import is_text
from tavus_async.errors import InvalidRequestError
from tavus_async.resources.conversations.envelope import (
    Event,
    any_field,
    bool_field,
    int_field,
    object_field,
    text_field,
)

# Editors offer the literals; any other string does as well.
Sensitiveness = Literal["superlow", "verylow", "low", "medium", "high", "auto"] | str
Emotion = Literal["neutral", "happiness", "sadness", "anger", "fear", "surprise", "disgust", "contempt"] | str
ToolStatus = Literal["success", "error"] | str

EVENT_ARGUMENTS = frozenset(str(field.alias) for field in attrs.fields(Event))
EVOLVED = "wire_names"
"""What only `attrs.evolve` gives to a constructor."""


class Message(Event):
    """An app message; `to_dict()` is its JSON body.

    The conversation's id may be left out for `send_app_message`, whose path has it. What a message must have is
    checked when it is made; InvalidRequestError says what is missing. One that was sent by somebody else, read by
    `interactions.parse`, may lack anything.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__init__ = evolvable(cls.__init__)  # type: ignore[method-assign]

    def _compose(self, conversation_id: str | None, properties: Mapping[str, Any]) -> None:
        told = {name: value for name, value in properties.items() if value is not None}
        envelope: dict[str, Any] = {"properties": told} if told else {}
        Event.__init__(
            self,
            event_type=self.event_types[0],
            message_type="conversation",
            conversation_id=conversation_id,
            **envelope,
        )

    def _needed(self, name: str, value: object) -> None:
        """Refuse what is no text, or an empty one."""
        if not is_text(value) or not value:
            raise InvalidRequestError(f"{type(self).__name__} needs {name}, a text that is not empty")


def evolvable(init: Any) -> Any:
    """Return the constructor of a message, which also takes what `attrs.evolve` gives it: the fields of all events."""

    @wraps(init)
    def make(self: Message, /, *arguments: Any, **named: Any) -> None:
        held, arguments, named = Hidden((arguments, named)), (), {}  # no traceback shows them from here on
        if EVOLVED not in held.given[1]:
            init(self, *held.given[0], **held.given[1])
            return
        told = sorted(held.given[1].keys() - EVENT_ARGUMENTS)
        if told:
            raise TypeError(f"attrs.evolve changes fields, and {told[0]} is one of the message's properties")
        Event.__init__(self, **held.given[1])

    return make


class Echo(Message):
    """Let the replica say these words, or play this sound, instead of what the language model thinks of."""

    event_types = ("conversation.echo",)

    modality = text_field("modality")
    """`text` or `audio`."""
    text = text_field("text")
    """The words."""
    audio = text_field("audio")
    """The sound, in base64."""
    sample_rate = int_field("sample_rate")
    """Samples of the sound in a second; the server's default is 16,000."""
    done = bool_field("done")
    """Whether nothing follows; the server's default is true for text and false for audio."""

    def __init__(
        self,
        text: str | None = None,
        *,
        audio: bytes | str | None = None,
        sample_rate: int | None = None,
        done: bool | None = None,
        inference_id: str | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Make a message of a *text*, or of *audio*: bytes, or their base64.

        The parts of one sound share an *inference_id*; all but the last are not *done*.
        """
        if (text is None) == (audio is None):
            raise InvalidRequestError("Echo needs either text or audio")
        name, given = ("text", text) if audio is None else ("audio", audio)
        sound = b64encode(audio).decode() if isinstance(audio, bytes) else audio
        self._needed(name, sound if given is audio else text)
        if text is not None and sample_rate is not None:
            raise InvalidRequestError("Echo takes a sample_rate with audio only")
        told = {"modality": name, "text": text, "audio": sound, "sample_rate": sample_rate}
        self._compose(conversation_id, {**told, "inference_id": inference_id, "done": done})


class Respond(Message):
    """Let the PAL answer to this text as if the user had said it."""

    event_types = ("conversation.respond",)

    text = text_field("text")
    """What the user is taken to have said."""

    def __init__(self, text: str, *, conversation_id: str | None = None) -> None:
        self._needed("text", text)
        self._compose(conversation_id, {"text": text})


class Interrupt(Message):
    """Let the PAL fall silent."""

    event_types = ("conversation.interrupt",)

    def __init__(self, *, conversation_id: str | None = None) -> None:
        self._compose(conversation_id, {})


class OverwriteLlmContext(Message):
    """Replace the conversation's context for the language model."""

    event_types = ("conversation.overwrite_llm_context",)

    context = text_field("context")
    """The new context."""

    def __init__(self, context: str, *, conversation_id: str | None = None) -> None:
        self._needed("context", context)
        self._compose(conversation_id, {"context": context})


class AppendLlmContext(Message):
    """Add to the conversation's context for the language model."""

    event_types = ("conversation.append_llm_context",)

    context = text_field("context")
    """What is added."""
    job_status = text_field("job_status")
    """`completed`, where this tells how a job went that was begun earlier."""

    def __init__(self, context: str, *, job_status: str | None = None, conversation_id: str | None = None) -> None:
        self._needed("context", context)
        self._compose(conversation_id, {"context": context, "job_status": job_status})


class Sensitivity(Message):
    """Change how soon the PAL takes a silence for its turn, and how easily it is interrupted."""

    event_types = ("conversation.sensitivity",)

    participant_pause_sensitivity = text_field("participant_pause_sensitivity")
    """How short a pause of the participant ends a turn."""
    participant_interrupt_sensitivity = text_field("participant_interrupt_sensitivity")
    """How little a participant has to say to interrupt."""

    def __init__(
        self,
        *,
        participant_pause_sensitivity: Sensitiveness | None = None,
        participant_interrupt_sensitivity: Sensitiveness | None = None,
        conversation_id: str | None = None,
    ) -> None:
        given = {
            "participant_pause_sensitivity": participant_pause_sensitivity,
            "participant_interrupt_sensitivity": participant_interrupt_sensitivity,
        }
        told = {name: value for name, value in given.items() if value is not None}
        for name, value in (told or given).items():
            self._needed(name if told else " or ".join(given), value)
        self._compose(conversation_id, given)


class SetEmotion(Message):
    """Change the emotion that the replica shows; for replicas of phoenix-4.5."""

    event_types = ("conversation.set_emotion",)

    emotion = text_field("emotion")
    """Which emotion."""

    def __init__(self, emotion: Emotion, *, conversation_id: str | None = None) -> None:
        self._needed("emotion", emotion)
        self._compose(conversation_id, {"emotion": emotion})


class ToolResult(Message):
    """Answer a `ToolCall`."""

    event_types = ("conversation.tool_result",)

    tool_call_id = text_field("tool_call_id")
    """That of the call."""
    output = any_field("output")
    """What the tool gave: a text or an object."""
    status = text_field("status")
    """`success` or `error`."""
    name = text_field("name")
    """The tool's name."""

    def __init__(
        self,
        tool_call_id: str,
        output: str | Mapping[str, Any],
        *,
        status: ToolStatus = "success",
        name: str | None = None,
        conversation_id: str | None = None,
    ) -> None:
        output = hidden(output)
        self._needed("tool_call_id", tool_call_id)
        self._needed("status", status)
        if not is_text(output) and not is_mapping(shown(output)):
            raise InvalidRequestError("ToolResult needs output, a text or an object")
        refuse_depth(Hidden(shown(output)))
        told = {"tool_call_id": tool_call_id, "name": name, "status": status, "output": shown(output)}
        self._compose(conversation_id, told)


class ConfirmObjective(Message):
    """Confirm an objective that is pending, with what was found out, which may have been corrected."""

    event_types = ("conversation.objective.confirm",)

    objective_name = text_field("objective_name")
    """Which objective."""
    output_variables = object_field("output_variables")
    """What was found out."""

    def __init__(
        self,
        objective_name: str,
        *,
        output_variables: Mapping[str, Any] | None = None,
        conversation_id: str | None = None,
    ) -> None:
        output_variables = hidden(output_variables)
        self._needed("objective_name", objective_name)
        if output_variables is not None and not is_mapping(shown(output_variables)):
            raise InvalidRequestError("ConfirmObjective takes output_variables as an object")
        refuse_depth(Hidden(shown(output_variables)))
        self._compose(conversation_id, {"objective_name": objective_name, "output_variables": shown(output_variables)})
