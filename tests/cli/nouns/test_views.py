"""The tables and the views of the resources that have no commands of their own."""

from typing import Any

import pytest

from tavus_async.cli.program import COMMANDS
from tavus_async.cli.resources import find_noun

WHEN = "2026-01-02T03:04:05Z"
GUARDRAIL = {"guardrail_name": "no_prices", "guardrail_prompt": "Name no prices."}
RULE = {"text": "Tavus", "pronunciation": "TAH-vus", "type": "alias"}

ROWS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "replicas": (
        {"face_id": "r1", "face_name": "Ann", "status": "started", "training_progress": "3/100", "face_type": "user",
         "model_name": "phoenix-4", "created_at": WHEN},
        {"id": "r1", "name": "Ann", "status": "started", "progress": "3/100", "model": "phoenix-4", "type": "user",
         "created (UTC)": "2026-01-02 03:04"},
    ),
    "videos": (
        {"video_id": "v1", "video_name": "Hi", "status": "generating", "generation_progress": "37/100",
         "replica_id": "r1", "created_at": "Fri, 02 Jan 2026 03:04:05 GMT"},
        {"id": "v1", "name": "Hi", "status": "generating", "progress": "37/100", "replica": "r1",
         "created (UTC)": "2026-01-02 03:04"},
    ),
    "voices": (
        {"voice_id": "v1", "voice_name": "Ann", "status": "completed", "voice_type": "user", "tags": ["a", "b"]},
        {"id": "v1", "name": "Ann", "status": "completed", "type": "user", "tags": "a; b", "created (UTC)": ""},
    ),
    "documents": (
        {"document_id": "d1", "document_name": "A", "status": "processing", "progress": 12, "tags": ["faq"]},
        {"id": "d1", "name": "A", "status": "processing", "progress": "12 %", "tags": "faq", "created (UTC)": ""},
    ),
    "memory-stores": (
        {"memory_store_id": "m1", "pal_id": "p1", "participant_tag": "user_1",
         "pinned_memories": [{"memory_id": "pm1", "memory": "Likes tea."}], "created_at": WHEN},
        {"id": "m1", "name": "user_1", "persona": "p1", "pinned": "1", "created (UTC)": "2026-01-02 03:04"},
    ),
    "guardrails": (
        {"guardrail_id": "g1", **GUARDRAIL, "modality": "verbal", "tags": ["x"], "created_at": WHEN},
        {"id": "g1", "name": "no_prices", "modality": "verbal", "tags": "x", "updated": "2026-01-02"},
    ),
    "guardrail-sets": (
        {"guardrails_id": "g1", "name": "prices", "data": [GUARDRAIL, GUARDRAIL]},
        {"id": "g1", "name": "prices", "guardrails": "no_prices, no_prices", "updated": ""},
    ),
    "objective-sets": (
        {"objectives_id": "o1", "name": "intake", "data": [{"objective_name": "ask", "objective_prompt": "Ask."}]},
        {"id": "o1", "name": "intake", "objectives": "ask", "updated": ""},
    ),
    "pronunciation-dictionaries": (
        {"pronunciation_dictionary_id": "pd_1", "name": "names", "rules": [RULE], "updated_at": WHEN},
        {"id": "pd_1", "name": "names", "rules": "1", "updated": "2026-01-02"},
    ),
    "tools": (
        {"tool_id": "t1", "name": "weather", "delivery": {"api": {"url": "https://x.example", "method": "GET"}},
         "origin": "llm", "trigger_type": "in_call"},
        {"id": "t1", "name": "weather", "delivery": "GET by HTTP", "origin": "llm", "when": "in_call", "updated": ""},
    ),
    "skills": (
        {"skill_id": "memory", "display_name": "Memory", "description": "Remembers.", "tool_names": ["a", "b"]},
        {"id": "memory", "name": "Memory", "tools": "a; b", "what it does": "Remembers."},
    ),
    "deployments": (
        {"deployment_id": "d1", "name": "home", "status": "active", "channel": "widget", "pal_id": "p1",
         "usage_total": 1234, "updated_at": WHEN},
        {"id": "d1", "name": "home", "status": "active", "channel": "widget", "persona": "p1", "calls": "1,234",
         "updated": "2026-01-02"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_record_is_a_row_of_a_table_that_fits_it(name: str) -> None:
    body, row = ROWS[name]
    noun = find_noun(name)

    assert dict(zip(noun.headings(), noun.row(noun.record.from_dict(body)), strict=True)) == row


@pytest.mark.parametrize("name", ROWS)
def test_a_record_of_which_little_is_known_is_a_row_too(name: str) -> None:
    noun = find_noun(name)
    row = noun.row(noun.record.from_dict({noun.id_names[0]: "x1"}))

    assert row[0] == "x1"
    assert len(row) == len(noun.headings())


@pytest.mark.parametrize(
    ("name", "progress"), [("replicas", "3/100"), ("videos", "37/100"), ("documents", "12 %"), ("voices", "")]
)
def test_progress_is_told_of_what_is_waited_for(name: str, progress: str) -> None:
    noun = find_noun(name)

    assert noun.view.progress(noun.record.from_dict(ROWS[name][0])) == progress


def test_what_a_record_consists_of_stands_below_its_fields() -> None:
    store, names = find_noun("memory-stores"), find_noun("pronunciation-dictionaries")
    sections = [
        *store.view.sections(store.record.from_dict(ROWS["memory-stores"][0])),
        *names.view.sections(names.record.from_dict(ROWS["pronunciation-dictionaries"][0])),
    ]

    assert sections == [("pinned memories", [("pm1", "Likes tea.")]), ("rules", [("Tavus", "TAH-vus")])]


def test_a_tool_that_is_no_endpoint_is_delivered_in_the_call() -> None:
    tool = find_noun("tools")

    assert tool.row(tool.record.from_dict({"tool_id": "t1"}))[2] == "app message"


def test_what_lets_read_a_file_is_not_shown() -> None:
    noun = find_noun("documents")
    body = {
        "document_id": "d1",
        "document_url": "https://x.example/a?s=secret",
        "crawled_urls": ["https://x.example/b?k=secret"],
    }
    shown = dict(noun.fields(noun.record.from_dict(body)))

    assert shown == {"document_url": "https://x.example/a?***", "crawled_urls": "https://x.example/b?***"}


def test_every_view_belongs_to_a_group() -> None:
    assert set(ROWS) <= {entry.name for entry in COMMANDS}
