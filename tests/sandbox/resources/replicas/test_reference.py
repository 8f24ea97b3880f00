"""Requests of real programs are taken, and answers have what real ones have."""

import json
from pathlib import Path
from typing import Any

from tavus_async import webhooks
from tests.support.given_back import moment

HOURS = 4 * 3600


def bodies(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8"))["body"] for file in sorted(folder.glob("*.json"))]


async def test_all_known_creates_are_taken(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "faces")
    creates = [body for body in known if {"train_video_url", "train_image_url"} & set(body)]
    replies = [await client.post("/replicas" if "replica_name" in body else "/faces", body) for body in creates]

    assert len(creates) >= 5
    assert [reply.status for reply in replies] == [200] * len(creates)
    client.sandbox.advance(HOURS)
    own = (await client.get("/replicas", params={"replica_type": "user", "limit": 100})).body["data"]
    assert [replica["status"] for replica in own] == ["completed"] * len(creates)


async def test_all_known_changes_are_taken(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "faces")
    changes = [body for body in known if set(body) <= {"face_name", "default_voice_id"}]
    created = await client.post("/faces", {"train_video_url": "https://bucket.example/train.mp4"})
    replies = [await client.send("PATCH", f"/faces/{created.body['face_id']}", json=body) for body in changes]

    assert changes
    assert [reply.status for reply in replies] == [200] * len(changes)


async def test_a_finished_replica_has_all_that_a_real_one_has(client: Any, shared_reference: Path) -> None:
    real = next(body for body in bodies(shared_reference / "bodies" / "faces") if "original_voice_id" in body)
    created = await client.post("/faces", {"train_video_url": "https://bucket.example/train.mp4"})
    client.sandbox.advance(HOURS)
    face = (await client.get(f"/faces/{created.body['face_id']}")).body

    assert set(real) <= set(face)
    assert {name: type(value) for name, value in real.items()} == {name: type(face[name]) for name in real}
    assert moment(face["created_at"]) is not None


async def test_what_a_callback_tells_is_understood(client: Any, receiver: Any) -> None:
    for url in ("https://bucket.example/train.mp4", "https://nowhere.invalid/train.mp4"):
        await client.post("/faces", {"train_video_url": url, "callback_url": receiver.url})
    client.sandbox.advance(HOURS)
    await client.sandbox.drain_callbacks()
    events = [webhooks.parse(json.dumps(body)) for body in receiver.bodies]

    assert {type(event) for event in events} == {webhooks.ReplicaStatusChanged}
    assert {(event.status, bool(event.error_message)) for event in events
            if isinstance(event, webhooks.ReplicaStatusChanged)} == {("ready", False), ("error", True)}  # fmt: skip
