"""Documented requests are taken, and answers have what documented ones have."""

import json
from pathlib import Path
from typing import Any


def bodies(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8"))["body"] for file in sorted(folder.glob("*.json"))]


async def test_all_known_bodies_are_taken_and_given(client: Any, shared_reference: Path) -> None:
    known = bodies(shared_reference / "bodies" / "memory-stores")
    create = next(body for body in known if "pal_id" in body)
    pin = next(body for body in known if set(body) == {"memory"})
    pinned = next(body for body in known if set(body) == {"pinned_memories"})
    listed = next(body for body in known if "data" in body)
    client.sandbox.add({"persona_id": create["pal_id"], "system_prompt": "x"})

    made = await client.post("/memory-stores", create)
    path = f"/memory-stores/{made.body['memory_store_id']}"
    added = await client.post(f"{path}/pinned", pin)
    found = (await client.get(f"{path}/pinned")).body
    stores = (await client.get("/memory-stores", params={"pal_id": create["pal_id"]})).body

    assert (made.status, added.status) == (200, 200)
    assert [each["memory"] for each in found["pinned_memories"]] == [*create["pinned_memories"], pin["memory"]]
    assert set(pinned) == set(found)
    assert set(pinned["pinned_memories"][0]) <= set(found["pinned_memories"][0])
    assert set(listed) <= set(stores)
    assert set(listed["data"][0]) <= set(stores["data"][0])
