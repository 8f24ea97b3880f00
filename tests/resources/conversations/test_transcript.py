import copy
import pickle
from typing import Any

import pytest

from tavus_async import InvalidRequestError
from tavus_async.resources.conversations.events import TranscriptionReady
from tavus_async.resources.conversations.transcript import Transcript, Turn, TurnToolCall, read_arguments

PROMPT = {"role": "system", "content": "You are Ada.", "seconds_from_start": 0}
HELLO = {"role": "user", "content": "Hello.", "timestamp": 1786505572.3161497, "inference_id": "i-1"}
ANSWER = {"role": "assistant", "content": "Hi.", "timestamp": "2026-08-11T23:02:15.957838Z", "duration": 2}
CALL = {"id": "call_1", "type": "function", "function": {"name": "plans", "arguments": '{"zip": "94103"}'}}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "dispatched", "tool_call_id": "call_1"}
ITEMS: list[dict[str, Any]] = [PROMPT, HELLO, ANSWER, CALLING, RESULT]


def only_call(item: dict[str, Any]) -> TurnToolCall:
    """The one tool call of a turn."""
    (call,) = list(Transcript.from_list([item])[0].tool_calls or ())
    return call


def test_a_transcript_is_a_tuple_of_turns() -> None:
    transcript = Transcript.from_list(ITEMS)

    assert len(transcript) == 5
    assert transcript[1].content == "Hello."
    assert isinstance(transcript[1:3], Transcript)
    assert [turn.role for turn in transcript] == ["system", "user", "assistant", "assistant", "tool"]
    assert transcript == Transcript.from_list(ITEMS)
    assert hash(transcript) == hash(Transcript.from_list(ITEMS))
    assert not Transcript()


def test_it_gives_back_its_items_with_timestamps_as_they_came() -> None:
    back = Transcript.from_list(ITEMS).to_list()

    assert back == ITEMS
    assert type(back[1]["timestamp"]) is float
    assert type(back[2]["duration"]) is int


def test_a_timestamp_is_an_instant_whichever_way_it_came() -> None:
    _, hello, answer, *_ = Transcript.from_list(ITEMS)

    assert hello.timestamp is not None
    assert answer.timestamp is not None
    assert hello.timestamp.utcoffset() == answer.timestamp.utcoffset()
    assert hello.timestamp.timestamp() == pytest.approx(1786505572.3161497)


def test_as_a_text_it_is_what_was_said() -> None:
    transcript = Transcript.from_list(ITEMS)

    assert transcript.text == "user: Hello.\nassistant: Hi."
    assert transcript.as_text(system=True).splitlines()[0] == "system: You are Ada."
    assert transcript.as_text(tools=True).splitlines()[2:] == [
        'assistant calls plans: {"zip": "94103"}',
        "tool: dispatched",
    ]


def test_what_was_said_is_a_transcript_without_prompts_and_tools() -> None:
    spoken = Transcript.from_list(ITEMS).spoken

    assert [turn.content for turn in spoken] == ["Hello.", "Hi."]
    assert isinstance(spoken, Transcript)


def test_whoever_speaks_in_a_role_of_tomorrow_is_heard() -> None:
    assert Transcript.from_list([{"role": "interpreter", "content": "Hallo."}]).text == "interpreter: Hallo."


@pytest.mark.parametrize("call", [CALL, {"id": "call_1", "name": "plans", "arguments": '{"zip": "94103"}'}])
def test_a_tool_call_of_either_shape_tells_its_name_and_arguments(call: dict[str, Any]) -> None:
    found = only_call({"role": "assistant", "tool_calls": [call]})

    assert isinstance(found, TurnToolCall)
    assert (found.id, found.name, found.arguments) == ("call_1", "plans", '{"zip": "94103"}')
    assert found.parsed_arguments == {"zip": "94103"}
    assert found.to_dict() == call


@pytest.mark.parametrize("call", [{}, {"function": 5}, {"function": {"name": 1, "arguments": []}}, {"name": None}])
def test_a_tool_call_that_is_none_tells_nothing_and_loses_nothing(call: dict[str, Any]) -> None:
    found = only_call({"tool_calls": [call]})

    assert (found.name, found.arguments, found.parsed_arguments) == (None, None, None)
    assert found.to_dict() == {name: value for name, value in call.items() if value is not None or name == "name"}


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ('{"a": 1}', {"a": 1}),
        ({"a": 1}, {"a": 1}),
        ("", {}),
        (" ", {}),
        ("[1]", None),
        ("{", None),
        ('"a"', None),
        ("\ud800", None),
        (None, None),
        (5, None),
        ("[" * 100_000, None),
    ],
)
def test_arguments_are_read_where_they_are_an_object(arguments: Any, read: Any) -> None:
    assert read_arguments(arguments) == read


def test_credentials_among_arguments_are_not_shown() -> None:
    call = TurnToolCall(id="c", function={"name": "pay", "arguments": '{"api_key": "sk-secret-1"}'})

    assert "sk-secret-1" not in repr(call)
    assert "sk-secret-1" not in repr(call.parsed_arguments)


@pytest.mark.parametrize("items", [[5], ["user: hello"], [None], [HELLO, []]])
def test_what_is_no_list_of_turns_is_refused(items: Any) -> None:
    with pytest.raises(InvalidRequestError, match="list of turns"):
        Transcript.from_list(items)


def test_turns_are_taken_as_they_are() -> None:
    turn = Turn(role="user", content="Hello.")

    assert Transcript.from_list([turn])[0] is turn


def test_its_repr_tells_how_long_it_is_and_not_what_was_said() -> None:
    assert repr(Transcript.from_list(ITEMS)) == "Transcript(<5 turns>)"


class TestOfAnEvent:
    def test_it_is_made_once(self) -> None:
        event = TranscriptionReady(properties={"transcript": ITEMS})

        assert event.transcript is event.transcript
        assert event.transcript == Transcript.from_list(ITEMS)

    def test_it_survives_pickles_and_copies(self) -> None:
        event = TranscriptionReady(properties={"transcript": ITEMS})
        assert event.transcript
        twins = [pickle.loads(pickle.dumps(event)), copy.deepcopy(event)]  # noqa: S301

        assert [twin.transcript for twin in twins] == [event.transcript] * 2
        assert twins[0] == event
        assert event.to_dict() == {"properties": {"transcript": ITEMS}}

    @pytest.mark.parametrize("items", [None, 5, "user: hello", {}, [5, None, "a"]])
    def test_where_there_is_none_it_is_empty(self, items: Any) -> None:
        assert TranscriptionReady(properties={"transcript": items}).transcript == ()
        assert TranscriptionReady().transcript == ()

    def test_what_is_no_turn_in_it_is_left_out_and_kept(self) -> None:
        event = TranscriptionReady(properties={"transcript": [HELLO, None, 5]})

        assert event.transcript.text == "user: Hello."
        assert event.to_dict() == {"properties": {"transcript": [HELLO, None, 5]}}
