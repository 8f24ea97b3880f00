"""How the program ends."""

import re
from pathlib import Path

import pytest

from tavus_async.cli.exits import EXIT_CODES, Exit


@pytest.mark.parametrize(("total", "failed", "code"), [(0, 0, 0), (3, 0, 0), (1, 1, 1), (3, 3, 1), (3, 1, 3)])
def test_of_many_things_some_or_all_may_fail(total: int, failed: int, code: int) -> None:
    assert Exit.of_many(total, failed=failed) == code


def test_the_help_names_every_exit_code() -> None:
    assert [int(line.split()[0]) for line in EXIT_CODES.splitlines()[1:]] == list(Exit)


def test_the_readme_gives_them_the_same_meaning() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    told = re.search(r"exit codes: (.*)\.$", readme, re.MULTILINE | re.IGNORECASE)

    assert told is not None
    for entry in told[1].split(", "):
        code, _, meaning = entry.partition(" ")
        assert re.search(rf"^  {code} .*{meaning}", EXIT_CODES, re.MULTILINE)
