"""Every field of a record says beneath itself what it means, since that is what editors show."""

import ast
import inspect
from types import ModuleType

import pytest

from tavus_async.resources.conversations import records as conversations, transcript
from tavus_async.resources.personas import layers, records as personas


def documented(source: str) -> dict[str, str | None]:
    """Every annotated field of the classes in *source*, as `Class.field`, with the string that stands beneath it."""
    found: dict[str, str | None] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    match below:
                        case ast.Expr(value=ast.Constant(value=str(text))):
                            found[f"{node.name}.{statement.target.id}"] = text
                        case _:
                            found[f"{node.name}.{statement.target.id}"] = None
    return found


@pytest.mark.parametrize("module", [layers, personas, conversations, transcript], ids=lambda module: module.__name__)
def test_every_field_is_explained_in_a_sentence(module: ModuleType) -> None:
    fields = documented(inspect.getsource(module))

    assert len(fields) > 10
    assert [name for name, text in fields.items() if not text] == []
    assert [name for name, text in fields.items() if text and not text.strip().endswith(".")] == []


def test_a_field_without_a_word_is_found() -> None:
    source = 'class A:\n    a: int = 1\n    """One."""\n    b: int\n    c: int'

    assert documented(source) == {"A.a": "One.", "A.b": None, "A.c": None}
