import re

import pytest

from tests.faults import document
from tests.faults.cases import CASES

TEXT = document.DOCUMENT.read_text(encoding="utf-8") if document.DOCUMENT.is_file() else ""


def test_the_document_says_what_the_tests_check() -> None:
    assert document.tables() in TEXT, "run: python -m tests.faults.document"
    assert document.write(TEXT) == TEXT


def test_every_case_has_its_row_and_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert [case.point for case in CASES if case.point not in document.POINTS] == []


def test_every_test_that_the_document_names_is_there() -> None:
    named = list(document.named_tests(TEXT))
    missing = [
        f"{file}::{function}"
        for file, function in named
        if not re.search(
            rf"^ *(async )?def {function}\(", (document.ROOT / file).read_text(encoding="utf-8"), re.MULTILINE
        )
    ]

    assert named
    assert not missing


@pytest.mark.parametrize("changed", ["its result", "`[refused]`", "| n |"])
def test_a_document_that_says_something_else_is_noticed(changed: str) -> None:
    wrong = TEXT.replace(changed, "something else", 1)

    assert document.write(wrong) == TEXT != wrong
