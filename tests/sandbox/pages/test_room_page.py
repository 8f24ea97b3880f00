"""The page of a room, and what its visitors may do."""

from typing import Any

import pytest

from tavus_async.sandbox import Sandbox
from tests.support.reader import Reader, Start, open_room

HOSTILE = '"><img src=x onerror=alert(1)>'


async def test_the_conversation_url_is_the_page(reader: Reader) -> None:
    room = await open_room(reader)
    url = reader.stored(room)["conversation_url"]
    answer = await reader.get(url.removeprefix(reader.sandbox.url))

    assert answer.status == 200
    assert "<title>Ada · Tavus sandbox</title>" in answer.text
    assert f'data-conversation="{room.conversation_id}"' in answer.text


@pytest.mark.parametrize("path", ["/c/nobody", "/c/%00", "/c/a%2Fb", "/c/" + "x" * 2000])
async def test_an_unknown_conversation_is_told(reader: Reader, path: str) -> None:
    answer = await reader.get(path)

    assert answer.status == 404
    assert "There is no such conversation" in answer.text


async def test_a_conversation_that_was_deleted_for_good_is_unknown(reader: Reader) -> None:
    room = await open_room(reader)
    path = f"/v2/conversations/{room.conversation_id}?hard=true"
    await reader.send("DELETE", path, headers={"x-api-key": reader.sandbox.api_key})

    assert (await reader.get(f"/c/{room.conversation_id}")).status == 404


async def test_a_conversation_that_has_ended_is_gone_and_can_be_read(reader: Reader) -> None:
    room = await open_room(reader)
    room.end("max_call_duration reached")
    answer = await reader.get(f"/c/{room.conversation_id}")

    assert answer.status == 410
    assert ">Ended<" in answer.text
    assert (await reader.all_events(room))[-1].data["status"] == "ended"


async def test_names_are_no_markup(read: Start) -> None:
    reader = await read(Sandbox(personas=[{"persona_id": "p1", "persona_name": HOSTILE, "default_replica_id": "r1"}]))
    room = await open_room(reader)
    answer = await reader.get(f"/c/{room.conversation_id}")

    assert "<img src=x" not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text


async def test_a_private_room_opens_with_its_token_alone(reader: Reader) -> None:
    room = await open_room(reader, require_auth=True)
    token = reader.stored(room)["meeting_token"]
    path = f"/c/{room.conversation_id}"

    for query in ("", "?t=", "?t=wrong", f"?t={token[:-1]}"):
        page = await reader.get(path + query)
        assert page.status == 403
        assert "This conversation is private" in page.text
        assert (await reader.get(f"{path}/events{query}")).status == 403
    assert (await reader.get(f"{path}?t={token}")).status == 200
    assert (await reader.act(room, "join", name="x")).status == 403
    assert (await reader.act(room, "join", name="x", token=f"{token}x")).status == 403
    assert (await reader.act(room, "join", name="x", token=5)).status == 403
    assert (await reader.act(room, "join", name="x", token=token)).status == 200
    assert list(room.participants.values()) == ["x"]


async def test_an_expired_token_is_told(reader: Reader) -> None:
    room = await open_room(
        reader, require_auth=True, properties={"participant_absent_timeout": 30, "participant_left_timeout": 500}
    )
    token = reader.stored(room)["meeting_token"]
    await reader.join(room, token=token)
    reader.sandbox.advance(40)
    answer = await reader.act(room, "join", name="late", token=token)

    assert answer.status == 409
    assert answer.json == {"error": "The meeting token has expired."}


async def test_a_visitor_joins_says_something_is_answered_and_leaves(reader: Reader) -> None:
    room = await open_room(reader)
    participant_id = await reader.join(room, "  Robin ")
    said = await reader.act(room, "say", participant_id=participant_id, text=" Hello?\n")
    reader.sandbox.advance(10)
    left = await reader.act(room, "leave", participant_id=participant_id)

    assert (said.status, left.status) == (200, 200)
    assert [(line.role, line.content) for line in room.lines][-2:] == [
        ("user", "Hello?"),
        ("assistant", "You said: Hello?"),
    ]
    assert [message["event_type"] for message in room.messages if "Robin" in str(message)] == [
        "conversation.joined",
        "conversation.left",
    ]
    assert not room.participants


async def test_leaving_twice_is_no_error(reader: Reader) -> None:
    room = await open_room(reader)
    participant_id = await reader.join(room)

    for _ in range(2):
        assert (await reader.act(room, "leave", participant_id=participant_id)).status == 200


async def test_who_is_not_there_cannot_speak(reader: Reader) -> None:
    room = await open_room(reader)
    answer = await reader.act(room, "say", participant_id="nobody", text="Hello")

    assert answer.status == 409
    assert "nobody" in answer.json["error"]


async def test_a_full_room_says_so(reader: Reader) -> None:
    room = await open_room(reader, max_participants=2)
    await reader.join(room)
    answer = await reader.act(room, "join", name="one too many")

    assert answer.status == 409
    assert "full" in answer.json["error"]


@pytest.mark.parametrize("action", ["join", "say"])
async def test_nothing_can_be_done_in_a_room_that_is_closed(reader: Reader, action: str) -> None:
    room = await open_room(reader)
    room.end("end_conversation_endpoint_hit")
    answer = await reader.act(room, action, name="x", participant_id="x", text="x")

    assert answer.status == 410
    assert answer.json == {"error": "The conversation has ended."}


@pytest.mark.parametrize("action", ["join", "say", "leave", "events"])
async def test_nothing_can_be_done_in_a_room_that_is_not_there(reader: Reader, action: str) -> None:
    method = "GET" if action == "events" else "POST"
    answer = await reader.send(method, f"/c/nobody/{action}", json={"name": "x", "participant_id": "x", "text": "x"})

    assert answer.status == 404
    assert "no such conversation" in answer.json["error"]


@pytest.mark.parametrize(
    ("action", "body", "told"),
    [
        ("join", {}, "Name must be a text, and not empty."),
        ("join", {"name": " "}, "Name must be a text, and not empty."),
        ("join", {"name": 5}, "Name must be a text, and not empty."),
        ("join", {"name": "x" * 81}, "Name may have 80 characters, not 81."),
        ("say", {"text": "x"}, "Participant_id must be a text, and not empty."),
        ("say", {"participant_id": "x", "text": "\n"}, "Text must be a text, and not empty."),
        ("say", {"participant_id": "x", "text": "x" * 4001}, "Text may have 4,000 characters, not 4,001."),
        ("leave", {"participant_id": None}, "Participant_id must be a text, and not empty."),
    ],
)
async def test_what_is_wrong_in_a_body_is_told(reader: Reader, action: str, body: dict[str, Any], told: str) -> None:
    room = await open_room(reader)
    answer = await reader.act(room, action, **body)

    assert answer.status == 400
    assert answer.json == {"error": told}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"name": NaN}', b"[" * 10_000])
async def test_what_is_no_json_object_is_refused(reader: Reader, body: bytes) -> None:
    room = await open_room(reader)
    headers = {"Content-Type": "application/json"}
    answer = await reader.send("POST", f"/c/{room.conversation_id}/join", data=body, headers=headers)

    assert answer.status == 400
    assert answer.json == {"error": "The body must be a JSON object."}


async def test_an_endless_body_is_refused(reader: Reader) -> None:
    room = await open_room(reader)

    assert (await reader.act(room, "join", name="x" * 100_000)).status == 413
