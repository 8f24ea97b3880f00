"""What is said in a room, and how the persona speaks."""

import random
from collections.abc import Sequence
from typing import Any

from tavus_async.sandbox.clock import Clock
from tavus_async.sandbox.dialogue import Dialogue


class Told:
    """Writes down what is broadcast."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any], int | None, str | None]] = []

    def __call__(
        self, event_type: str, properties: dict[str, Any], *, turn: int | None = None, inference_id: str | None = None
    ) -> None:
        self.messages.append((event_type, properties, turn, inference_id))

    def utterances(self) -> list[tuple[str, str]]:
        return [
            (said["role"], said["speech"]) for kind, said, _, _ in self.messages if kind == "conversation.utterance"
        ]


def make(*replies: str) -> tuple[Dialogue, Told, Clock]:
    told, clock = Told(), Clock()
    dialogue = Dialogue(broadcast=told, clock=clock, dice=random.Random(0), replies=iter(replies))
    dialogue.start()
    return dialogue, told, clock


def lines(dialogue: Dialogue) -> Sequence[tuple[str, str]]:
    return [(line.role, line.content) for line in dialogue.lines]


def test_a_turn_of_the_persona_comes_twice_with_one_id() -> None:
    dialogue, told, clock = make()
    dialogue.speak("Welcome to the museum.")
    clock.advance(10)
    said = [message for message in told.messages if message[0] == "conversation.utterance"]

    assert [properties["role"] for _, properties, _, _ in said] == ["pal", "replica"]
    assert len({inference_id for _, _, _, inference_id in said}) == 1
    assert {turn for _, _, turn, _ in said} == {1}


def test_speaking_begins_and_ends_by_new_and_old_names() -> None:
    dialogue, told, clock = make()
    dialogue.speak("One two three four five six.")
    begun = [kind for kind, _, _, _ in told.messages]
    clock.advance(10)
    ended = told.messages[len(begun) :]

    assert begun[:2] == ["conversation.started_speaking", "conversation.replica.started_speaking"]
    assert [kind for kind, _, _, _ in ended] == [
        "conversation.stopped_speaking",
        "conversation.replica.stopped_speaking",
    ]
    assert ended[0][1] == {"role": "pal", "interrupted": False, "duration": 2.1}


def test_what_a_person_says_is_told_and_answered() -> None:
    dialogue, told, clock = make()
    dialogue.hear("Good morning")
    heard = told.utterances()
    clock.advance(10)

    assert heard == [("user", "Good morning")]
    assert told.utterances()[1:] == [("pal", "You said: Good morning"), ("replica", "You said: Good morning")]
    assert [kind for kind, _, _, _ in told.messages[:4]] == [
        "conversation.started_speaking",
        "conversation.user.started_speaking",
        "conversation.stopped_speaking",
        "conversation.user.stopped_speaking",
    ]


def test_answers_come_from_the_script_until_it_is_used_up() -> None:
    dialogue, _, clock = make("Aha.", "I see.")
    for text in ("a", "b", "c"):
        dialogue.hear(text)
        clock.advance(10)

    assert [content for role, content in lines(dialogue) if role == "assistant"] == ["Aha.", "I see.", "You said: c"]


def test_the_persona_says_one_thing_at_a_time() -> None:
    dialogue, _, clock = make()
    dialogue.speak("One two three four five.")
    dialogue.speak("Six.")
    first = lines(dialogue)
    clock.advance(2.0)

    assert len(first) == 1
    assert [content for _, content in lines(dialogue)] == ["One two three four five.", "Six."]
    assert dialogue.lines[1].seconds_from_start >= dialogue.lines[0].seconds_from_start + dialogue.lines[0].duration


def test_a_person_who_speaks_interrupts_the_persona() -> None:
    dialogue, told, clock = make("Yes?")
    dialogue.speak("This is going to be a very long sentence about very little.")
    clock.advance(1.0)
    dialogue.hear("Stop")
    stopped = [properties for kind, properties, _, _ in told.messages if kind == "conversation.stopped_speaking"]
    clock.advance(10)

    assert stopped[0] == {"role": "pal", "interrupted": True, "duration": 1.0}
    assert dialogue.lines[0].duration == 1.0
    assert lines(dialogue)[1:] == [("user", "Stop"), ("assistant", "Yes?")]


def test_an_interruption_makes_it_forget_what_it_had_to_say() -> None:
    dialogue, told, clock = make()
    dialogue.speak("One two three four five.")
    dialogue.speak("Six.")
    dialogue.interrupt()
    told_before = len(told.messages)
    clock.advance(10)
    dialogue.interrupt()

    assert lines(dialogue) == [("assistant", "One two three four five.")]
    assert len(told.messages) == told_before


def test_what_a_person_says_stands_before_what_the_persona_says_then() -> None:
    dialogue, _, clock = make("Seven.")
    dialogue.speak("One two three four five.")
    dialogue.speak("Six.")
    dialogue.hear("And?")
    clock.advance(10)

    assert [content for _, content in lines(dialogue)] == ["One two three four five.", "And?", "Six.", "Seven."]


def test_after_an_interruption_it_can_speak_again() -> None:
    dialogue, _, clock = make()
    dialogue.hear("a")
    dialogue.interrupt()
    dialogue.hear("b")
    clock.advance(10)

    assert lines(dialogue)[-1] == ("assistant", "You said: b")


def test_once_it_is_stopped_nothing_comes_any_more() -> None:
    dialogue, told, clock = make()
    dialogue.speak("One two three.")
    dialogue.speak("Four.")
    dialogue.hear("Five?")
    dialogue.stop()
    told_before = len(told.messages)
    clock.advance(100)

    assert len(told.messages) == told_before


def test_turns_tell_when_they_were_and_how_long() -> None:
    dialogue, _, clock = make()
    clock.advance(5.0)
    dialogue.hear("One two three four")
    clock.advance(10)
    user, assistant = dialogue.lines

    assert (user.seconds_from_start, user.duration) == (5.0, 1.4)
    assert (assistant.seconds_from_start, assistant.duration) == (5.8, 2.1)
    assert user.inference_id != assistant.inference_id
