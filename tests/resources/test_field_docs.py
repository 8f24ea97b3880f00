"""Every field of a record says beneath itself what it means, since that is what editors show."""

import ast
import inspect
import sys
from typing import TypeGuard

import pytest

from tavus_async import models
from tavus_async.models import Record

MODULES = sorted({each.__module__ for each in vars(models).values()
                  if isinstance(each, type) and issubclass(each, Record)})  # fmt: skip


def is_field(statement: ast.stmt) -> TypeGuard[ast.AnnAssign]:
    """Whether this declares a field of a record that users see."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            return not name.startswith("_") and "ClassVar" not in ast.unparse(annotation)
        case _:
            return False


def documented(source: str) -> dict[str, str | None]:
    """Every annotated field of the classes in *source*, as `Class.field`, with the string that stands beneath it."""
    found: dict[str, str | None] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
                if is_field(statement) and isinstance(statement.target, ast.Name):
                    match below:
                        case ast.Expr(value=ast.Constant(value=str(text))):
                            found[f"{node.name}.{statement.target.id}"] = text
                        case _:
                            found[f"{node.name}.{statement.target.id}"] = None
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_field_is_explained_in_a_sentence(module: str) -> None:
    fields = documented(inspect.getsource(sys.modules[module]))

    assert [name for name, text in fields.items() if not text] == []
    assert [name for name, text in fields.items() if text and not text.strip().endswith(".")] == []


def test_a_field_without_a_word_is_found() -> None:
    source = 'class A:\n    a: int = 1\n    """One."""\n    b: int\n    c: int'

    assert documented(source) == {"A.a": "One.", "A.b": None, "A.c": None}
