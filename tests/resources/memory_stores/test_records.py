"""What is read of a memory store, and that nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from tavus_async.models import LearnedMemory, MemoryStore, MemoryStoreDraft, PinnedMemory
from tests.support.given_back import differences

LEARNED: dict[str, Any] = {
    "profile": {"name": "Ada", "work": {"as": "pilot", "since": 2019}},
    "timeline": {"recent_conversations": [{"conversation_id": "c2", "summary": "Planes."}, {"summary": "Tea."}]},
}


@pytest.mark.parametrize(
    ("persona", "pinned", "learned"),
    [("persona_id", "pinned_memories", "learned_memory"), ("pal_id", "pinned", "learned")],
)
def test_a_store_is_read_by_every_name(persona: str, pinned: str, learned: str) -> None:
    body = {
        "memory_store_id": "ms1",
        persona: "p1",
        "participant_tag": "ada",
        pinned: [{"memory_id": "pm1", "memory": "Likes tea"}],
        learned: LEARNED,
        "created_at": "2026-11-01T12:00:00Z",
        "updated_at": "2026-11-01T12:00:00.5Z",
    }
    store = MemoryStore.from_dict(body)

    assert (store.persona_id, store.participant_tag, store.extra) == ("p1", "ada", {})
    assert [each.memory for each in store.pinned_memories or ()] == ["Likes tea"]
    assert store.learned_memory == LearnedMemory.from_dict(LEARNED)
    assert differences(body, store.to_dict()) == []


def test_what_was_learned_is_read_in_order() -> None:
    learned = LearnedMemory.from_dict(LEARNED)

    assert learned.profile is not None
    assert learned.profile["work"]["as"] == "pilot"
    assert [each.summary for each in learned.timeline.recent_conversations or ()] == ["Planes.", "Tea."]


def test_nothing_learned_is_nothing() -> None:
    learned = LearnedMemory.from_dict({})

    assert (learned.profile, learned.timeline.recent_conversations, bool(learned.timeline)) == (None, None, False)


@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
@pytest.mark.parametrize("pinned", [["Likes tea"], "Likes tea", {"pm1": "Likes tea"}])
def test_memories_in_another_shape_are_kept(pinned: Any) -> None:
    store = MemoryStore.from_dict({"memory_store_id": "ms1", "pinned_memories": pinned})

    assert store.pinned_memories is None
    assert store.to_dict() == {"memory_store_id": "ms1", "pinned_memories": pinned}


def test_each_real_body_is_read_and_given_back(shared_reference: Path) -> None:
    kinds = []
    for path in sorted((shared_reference / "bodies" / "memory-stores").glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))["body"]
        for item in next((body[name] for name in ("data", "pinned_memories") if _holds_objects(body, name)), [body]):
            kind: Any = MemoryStore if "memory_store_id" in item else PinnedMemory
            record: Any = (MemoryStoreDraft if "pal_id" in item else kind).from_dict(item)
            kinds.append(type(record))
            assert record.extra == {}
            assert record.to_dict() == item

    assert {MemoryStore, MemoryStoreDraft, PinnedMemory} <= set(kinds)


def _holds_objects(body: dict[str, Any], name: str) -> bool:
    return any(isinstance(each, dict) for each in body.get(name, ()))
