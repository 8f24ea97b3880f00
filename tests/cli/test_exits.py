"""How the program ends."""

import pytest

from tavus_async.cli.exits import EXIT_CODES, Exit


@pytest.mark.parametrize(("total", "failed", "code"), [(0, 0, 0), (3, 0, 0), (1, 1, 1), (3, 3, 1), (3, 1, 3)])
def test_of_many_things_some_or_all_may_fail(total: int, failed: int, code: int) -> None:
    assert Exit.of_many(total, failed=failed) == code


def test_the_help_names_every_exit_code() -> None:
    assert [int(line.split()[0]) for line in EXIT_CODES.splitlines()[1:]] == list(Exit)
