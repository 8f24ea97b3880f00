"""What else can be done with one record, such as `rename`."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tavus_async.cli.commands.act import first_sentence
from tavus_async.sandbox import Sandbox

Run = Callable[..., Awaitable[Any]]


async def test_what_answers_nothing_is_done(call: Run, sandbox: Sandbox) -> None:
    item_id = sandbox.add({"video_name": "a", "status": "ready"}, resource="videos")
    done = await call("videos", "rename", item_id, "b c")

    assert done == (0, "done\n", "")
    assert sandbox.stored(item_id, resource="videos")["video_name"] == "b c"


async def test_what_answers_with_a_record_prints_it(call: Run, sandbox: Sandbox) -> None:
    item_id = sandbox.add({"status": "ready", "crawl_config": {"depth": 1, "max_pages": 5}}, resource="documents")
    done = await call("documents", "recrawl", item_id, "--crawl", '{"depth": 3}')

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["status"] == "recrawling"


async def test_a_refusal_is_one_line(call: Run, sandbox: Sandbox) -> None:
    done = await call("replicas", "rename", "nope", "b")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    "words",
    [["rename"], ["rename", "v1"], ["rename", "v1", "a", "b"], ["rename", "..", "a"], ["rename", "v1", ""]],
)
async def test_wrong_usage_is_one_line(words: list[str], call: Run, sandbox: Sandbox) -> None:
    done = await call("videos", *words)

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert sandbox.stats().total == 0


async def test_a_value_that_is_no_json_is_wrong_usage(call: Run, sandbox: Sandbox) -> None:
    done = await call("documents", "recrawl", "d1", "--crawl", "deep")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("tavus-async: --crawl: must be JSON: ")


@pytest.mark.parametrize(
    ("doc", "sentence"),
    [
        ("Give a video\n    another name.\n\n    More.", "Give a video another name"),
        ("Read `it` anew, and more.", "Read it anew"),
        ("", ""),
    ],
)
def test_the_summary_is_what_the_docstring_begins_with(doc: str, sentence: str) -> None:
    assert first_sentence(doc) == sentence
