"""Answers and events of voices have what real ones have."""

import json
from pathlib import Path
from typing import Any

from tavus_async import webhooks

MINUTES = 300


def bodies(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8"))["body"] for file in sorted(folder.glob("*.json"))]


async def test_a_voice_has_all_that_a_real_one_has_and_no_more(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "voices")
    real = {body["status"]: set(body) for body in known if "voice_id" in body}
    told: dict[str, set[str]] = {}
    for url in ("https://bucket.example/ana.mp3", "https://nowhere.invalid/ana.mp3"):
        created = await client.post("/voices", {"voice_name": "Ana", "audio_url": url})
        client.sandbox.advance(MINUTES)
        voice = (await client.get(f"/voices/{created.body['voice_id']}")).body
        told[voice["status"]] = set(voice)

    assert told == real
    assert set(real) == {"completed", "error"}


async def test_a_known_change_is_taken_and_a_conflict_looks_like_one(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "voices")
    change = next(body for body in known if "voice_name" not in body and "error" not in body)
    conflict = next(body for body in known if "error" in body)
    client.sandbox.add({"voice_id": "v1", "voice_name": "Ana"}, resource="voices")
    client.sandbox.add({"default_voice_id": "v1"}, resource="replicas")
    changed, refused = await client.send("PATCH", "/voices/v1", json=change), await client.delete("/voices/v1")

    assert (changed.status, refused.status) == (200, 409)
    assert {name: changed.body[name] for name in change} == change
    assert set(refused.body) == set(conflict)
    assert set(refused.body["used_by"]) == set(conflict["used_by"])


async def test_what_a_callback_tells_is_understood(client: Any, receiver: Any) -> None:
    body = {"voice_name": "Ana", "audio_url": "https://nowhere.invalid/ana.mp3", "callback_url": receiver.url}
    created = await client.post("/voices", body)
    client.sandbox.advance(MINUTES)
    await client.sandbox.drain_callbacks()
    event = webhooks.parse(json.dumps(receiver.bodies[0]))

    assert isinstance(event, webhooks.VoiceStatusChanged)
    assert (event.voice_id, event.voice_name, event.status) == (created.body["voice_id"], "Ana", "error")
    assert event.error_message == "The audio could not be processed."
