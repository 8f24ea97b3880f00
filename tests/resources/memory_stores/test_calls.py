"""What is sent of memory stores, and what is refused before that."""

import json
from typing import Any

import pytest

from tavus_async import DecodeError, InvalidRequestError, calls
from tavus_async.models import MemoryStoreDraft

DRAFT = MemoryStoreDraft(persona_id="p1", participant_tag="ada", pinned_memories=["Likes tea"])


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("draft", [DRAFT, {"pal_id": "p1", "participant_tag": "ada", "pinned_memories": ["Likes tea"]}])
def test_a_create_speaks_of_pals_in_either_vocabulary(draft: Any, *, renamed: bool) -> None:
    call = calls.create_memory_store(draft).spelled(renamed=renamed)

    assert (call.path, call.repeatable) == ("/v2/memory-stores", False)
    assert json.loads(call.body or b"") == {
        "pal_id": "p1",
        "participant_tag": "ada",
        "pinned_memories": ["Likes tea"],
    }


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({"participant_tag": "ada"}, "a memory store needs persona_id"),
        ({"persona_id": "p1", "participant_tag": " "}, "a memory store needs participant_tag"),
        ({}, "a memory store needs persona_id and participant_tag"),
        ({"persona_id": "p1", "participant_tag": "a", "pinned_memories": "x"}, "wrong type: pinned_memories"),
        (5, "draft must be a MemoryStoreDraft"),
    ],
)
def test_what_is_certain_to_be_refused_is_not_sent(draft: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        calls.create_memory_store(draft)


@pytest.mark.parametrize("renamed", [False, True])
def test_a_list_is_filtered_by_the_pal(*, renamed: bool) -> None:
    call = calls.list_memory_stores_page(persona_id="p1", participant_tag="ada").spelled(renamed=renamed)

    assert dict(call.query) == {"limit": "10", "pal_id": "p1", "participant_tag": "ada"}


def test_the_first_page_has_no_number_unless_one_is_given() -> None:
    assert "page" not in dict(calls.list_memory_stores_page().query)
    assert dict(calls.list_memory_stores_page(page=0).query)["page"] == "0"
    assert dict(calls.list_memory_stores_page(page=4).query)["page"] == "4"


@pytest.mark.parametrize("given", [{"page": -1}, {"page": "1"}, {"limit": 0}])
def test_pages_that_cannot_be_are_refused(given: Any) -> None:
    with pytest.raises(InvalidRequestError):
        calls.list_memory_stores_page(**given)


class TestPinned:
    def test_what_is_pinned_lies_beneath_the_store_and_changes_it(self) -> None:
        added = calls.add_pinned_memory("ms 1", "Likes tea")
        changed = calls.update_pinned_memory("ms 1", "pm/1", "Likes coffee")
        deleted = calls.delete_pinned_memory("ms 1", "pm/1")
        store = "/v2/memory-stores/ms%201"

        assert [(each.method, each.path) for each in (added, changed, deleted)] == [
            ("POST", f"{store}/pinned"),
            ("PATCH", f"{store}/pinned/pm%2F1"),
            ("DELETE", f"{store}/pinned/pm%2F1"),
        ]
        assert {each.changes for each in (added, changed, deleted)} == {store} == {calls.get_memory_store("ms 1").reads}
        assert [json.loads(each.body or b"") for each in (added, changed)] == [
            {"memory": "Likes tea"},
            {"memory": "Likes coffee"},
        ]
        assert not added.repeatable
        assert added.recovery == "await session.list_pinned_memories('ms 1') tells"

    @pytest.mark.parametrize("memory", ["", " ", None, 5, ["x"]])
    def test_a_memory_that_says_nothing_is_refused(self, memory: Any) -> None:
        for call in (calls.add_pinned_memory, lambda store, text: calls.update_pinned_memory(store, "pm1", text)):
            with pytest.raises(InvalidRequestError, match="a memory must be a text, and not empty"):
                call("ms1", memory)

    @pytest.mark.parametrize("body", [{"pinned_memories": [{"memory_id": "pm1"}]}, {"data": [{"memory_id": "pm1"}]}])
    def test_the_list_is_read_in_every_envelope(self, body: Any) -> None:
        found = calls.list_pinned_memories("ms1").decode(json.dumps(body).encode())

        assert [each.memory_id for each in found] == ["pm1"]

    @pytest.mark.parametrize("body", [{}, {"pinned_memories": [{"memory": "no id"}]}, {"pinned_memories": ["x"]}])
    def test_anything_else_is_a_decode_error(self, body: Any) -> None:
        with pytest.raises(DecodeError):
            calls.list_pinned_memories("ms1").decode(json.dumps(body).encode())


class TestLearned:
    def test_both_are_asked_for_unless_one_is_named(self) -> None:
        assert calls.get_learned_memory("ms1").query == ()
        assert calls.get_learned_memory("ms1", memory_type="timeline").query == (("type", "timeline"),)
        with pytest.raises(InvalidRequestError, match="memory_type must be one of profile, timeline, not 'all'"):
            calls.get_learned_memory("ms1", memory_type="all")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "body",
        [
            {"profile": {"name": "Ada"}},
            {"data": {"profile": {"name": "Ada"}}},
            {"profile": {"name": "Ada"}, "data": {}},
        ],
    )
    def test_it_is_read_in_every_envelope(self, body: Any) -> None:
        learned = calls.get_learned_memory("ms1").decode(json.dumps(body).encode())

        assert learned.profile == {"name": "Ada"}

    def test_a_part_that_comes_bare_is_kept(self) -> None:
        learned = calls.get_learned_memory("ms1", memory_type="profile").decode(b'{"name": "Ada"}')

        assert learned.extra == {"name": "Ada"}

    @pytest.mark.parametrize("body", [b"[]", b"null", b'"x"'])
    def test_anything_else_is_a_decode_error(self, body: bytes) -> None:
        with pytest.raises(DecodeError):
            calls.get_learned_memory("ms1").decode(body)

    def test_a_timeline_is_deleted_beneath_the_store(self) -> None:
        call = calls.delete_learned_timeline("ms1")

        assert (call.method, call.path) == ("DELETE", "/v2/memory-stores/ms1/learned/timeline")
        assert call.changes == "/v2/memory-stores/ms1"
