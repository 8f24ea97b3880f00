"""What the files themselves must keep to: nothing of one machine in them, and no test that checks nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "benchmarks", "docs", "examples", "tavus_async", "tests")
PRIVATE = (".coverage", ".env", ".git/", ".DS_Store")
LEFTOVERS = {"__pycache__", ".hypothesis"}
MEDIA = {".gif", ".jpg", ".mp4", ".webm"}

# Written in pieces, or this file would find itself.
REGISTRIES = (
    r"pypi\." + "org",
    "python" + r"hosted\.",
    "npm" + r"js\.",
    r"deb\." + "debian",
    r"crates\." + "io",
)
MACHINES = (
    "/" + r"(?:home|Users|root|work)/\w",
    r"[A-Z]:\\" + "Users",
    "/" + r"tmp/\w",
)
CHECKING_CALLS = {"fail", "raises", "warns", "deprecated_call"}


def is_text(path: Path) -> bool:
    return path.is_file() and not LEFTOVERS & set(path.parts) and path.suffix not in MEDIA


def text_files() -> Iterator[Path]:
    """Every file of the project but media, leftovers aside; told from the folders, since a copy may be without git."""
    for folder in (ROOT / name for name in FOLDERS):
        yield from (path for path in folder.rglob("*") if is_text(path))
    yield from (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(PRIVATE))


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    pattern = re.compile("|".join(REGISTRIES + MACHINES))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]

    assert not found, "\n".join(found)


def checks_something(test: ast.AST, checkers: set[str]) -> bool:
    """Whether *test* holds an assertion, or calls what holds one."""
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and name_of(node.func) in checkers)
        for node in ast.walk(test)
    )


def name_of(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def unchecking_tests(source: str) -> list[str]:
    """The test functions in *source* that could not fail by any word of their own."""
    nodes = ast.walk(ast.parse(source))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    asserting = {node.name for node in functions if checks_something(node, CHECKING_CALLS)}
    tests = [node for node in functions if node.name.startswith("test_")]
    return [node.name for node in tests if not checks_something(node, CHECKING_CALLS | asserting)]


def test_every_test_asserts_something() -> None:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    empty = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in unchecking_tests(path.read_text(encoding="utf-8"))
    ]

    assert not empty, "\n".join(empty)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def test_a():\n    assert 1", []),
        ("def test_a():\n    with pytest.raises(ValueError):\n        f()", []),
        ("def same(a):\n    assert a\ndef test_a():\n    same(1)", []),
        ("def test_a():\n    f()", ["test_a"]),
        ("class TestA:\n    async def test_b(self):\n        await f()", ["test_b"]),
    ],
)
def test_a_test_without_an_assertion_is_found(source: str, expected: list[str]) -> None:
    assert unchecking_tests(source) == expected
