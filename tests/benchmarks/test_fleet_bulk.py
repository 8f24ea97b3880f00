"""What `make bench-fleet` counts in a job: ids lost, lines doubled, requests repeated."""

from pathlib import Path

from benchmarks.fleet import bulk
from benchmarks.fleet.arrivals import Arrivals, process_of


def test_an_id_without_a_value_is_lost_and_one_with_two_is_doubled() -> None:
    lines: list[dict[str, object]] = [
        {"id": "a", "value": {}},
        {"id": "a", "value": {}},
        {"id": "b", "error": "ServerError"},
    ]

    assert bulk.missed(["a", "b", "c"], lines) == (2, 1)


def test_a_request_is_repeated_only_where_it_was_answered_before() -> None:
    arrivals = Arrivals([1, 2, 3, 4], ["a", "b", "b", "b"], [True, False, True, True])

    assert bulk.repeats(arrivals) == 1


def test_ids_are_named_after_the_worker_whose_chunk_they_belong_to() -> None:
    ids = bulk.ids_of(4 * bulk.SIZE * bulk.WORKERS, is_divided=True)

    assert {process_of(ids[place]) for place in range(bulk.SIZE)} == {0}
    assert process_of(ids[bulk.SIZE * (bulk.WORKERS + 1)]) == 1
    assert len(set(ids)) == len(ids)


def test_lines_are_read_from_whole_chunks_alone(tmp_path: Path) -> None:
    (tmp_path / "chunk-000000.jsonl").write_text('{"id": "a"}\n{"id": "b"}\n', encoding="utf-8")
    (tmp_path / ".chunk-000001.jsonl.part").write_text('{"id": "c"}\n', encoding="utf-8")

    assert [line["id"] for line in bulk.lines_in(tmp_path)] == ["a", "b"]
