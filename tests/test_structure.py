"""The shape of the package: who may import whom, who owns which library, and how long things may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).name
PACKAGE = Path(__file__).resolve().parent.parent / "tavus_async"

# From the bottom up: a module imports only from lines above its own.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("models",),
    ("_body", "_checks", "_json", "_meter", "_pace", "_sharing", "_version"),
    ("_keys", "_sampling", "_wire", "patch"),
    ("_codec", "_limiter", "_retry"),
    ("_bucket", "_calls", "_config"),
    ("_bulk", "_connector", "_direct", "_gate", "_listing"),
    ("_transport",),
    ("_engine",),
    ("_fetching",),
    ("_session",),
    ("sandbox",),
    # The door. The command line comes in by it, as every user does.
    ("__init__",),
    ("cli",),
    ("__main__",),
)

# Inside a package likewise, one module to a place: each imports only from those before it.
PACKAGES: dict[str, tuple[str, ...]] = {
    "models": ("_timestamp", "_record", "_layers", "_persona", "_outcome", "_page", "_progress", "_stats", "__init__"),
    "_calls": ("personas", "__init__"),
    "sandbox": (
        "jsons",
        "json_patch",
        "vocabulary",
        "views",
        "rules",
        "answers",
        "routes",
        "store",
        "limit",
        "stats",
        "faults",
        "delivery",
        "personas",
        "attachments",
        "endpoints",
        "handling",
        "seed_texts",
        "seed_layers",
        "seed",
        "server",
        "__init__",
    ),
    "cli": (
        "exits",
        "values",
        "output",
        "documents",
        "signals",
        "options",
        "ids",
        "jsonl",
        "failures",
        "targets",
        "texts",
        "confirm",
        "connection",
        "console",
        "show",
        "bar",
        "demo",
        "get",
        "sandbox",
        "fetching",
        "fetch",
        "listing",
        "create",
        "patch",
        "changes",
        "editor",
        "edit",
        "delete",
        "__init__",
    ),
}

# BulkError carries outcomes and an outcome carries an error: the one knot, tied for type checkers only.
FOR_TYPES_ONLY = {("errors", "models")}

EVERYWHERE = ("",)
OWNERS: dict[str, tuple[str, ...]] = {
    "aiohttp": ("_connector", "_direct", "_transport"),
    "aiohttp.web": ("sandbox",),
    "aiolimiter": ("_bucket",),
    "attrs": EVERYWHERE,
    "cattrs": ("_codec",),
    "json": ("_json", "sandbox", "cli"),
    "jiter": ("_json",),
    "rich": ("cli",),
    "tenacity": ("_retry",),
    "yarl": ("_transport",),
}
# To annotate the session that a caller lends.
OWNERS_FOR_TYPES: dict[str, tuple[str, ...]] = {"aiohttp": ("_config", "_session")}

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


class Import(NamedTuple):
    """One imported name: *module* is all that the text says of it, *types* if only type checkers see it."""

    module: str
    line: int
    types: bool


def modules() -> dict[str, Path]:
    """Every module by its dotted name within the package, a package's own being `name.__init__`."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in files}


def head(name: str) -> str:
    """The first part of the dotted *name*."""
    return name.partition(".")[0]


def imports(source: str, module: str) -> Iterator[Import]:
    """Every import in *source*, wherever it stands; relative ones are resolved against *module*."""
    tree = ast.parse(source)
    hidden = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test).endswith("TYPE_CHECKING")
        for statement in block.body
        for node in ast.walk(statement)
    }
    folder = ["tavus_async", *module.split(".")[:-1]]
    for node in ast.walk(tree):
        for name in _imported_names(node, folder):
            yield Import(name, getattr(node, "lineno", 0), id(node) in hidden)


def _imported_names(node: ast.AST, folder: list[str]) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=base, names=names, level=level):
            start = folder[: len(folder) - level + 1] if level else []
            origin = ".".join([*start, *([base] if base else [])])
            return [f"{origin}.{alias.name}" for alias in names]
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [".".join(folder) + name if name.startswith(".") else name]
        case _:
            return []


def ours(name: str, known: set[str]) -> str | None:
    """The module of this package that the dotted *name* lies in, or None if it lies elsewhere."""
    if head(name) != "tavus_async":
        return None
    parts = name.split(".")[1:]
    for end in range(len(parts), 0, -1):
        stem = ".".join(parts[:end])
        if stem in known:
            return stem
        if f"{stem}.__init__" in known:
            return f"{stem}.__init__"
    return "__init__"


def rank(module: str) -> tuple[int, int]:
    """The height of *module*: its layer, then its place within its package."""
    top, *rest = module.split(".")
    layer = next((number for number, names in enumerate(LAYERS) if top in names), None)
    if layer is None:
        pytest.fail(f"tavus_async/{top} has no layer yet: give it one in LAYERS of {HERE}")
    if not rest:
        return layer, 0
    inner = ".".join(rest)
    if inner not in PACKAGES.get(top, ()):
        pytest.fail(f"tavus_async/{top} has a new module, {inner}: give it a place in PACKAGES of {HERE}")
    return layer, PACKAGES[top].index(inner)


def is_upward(importer: str, imported: str) -> bool:
    """Whether *importer* may not know *imported*: it is higher, or beside it."""
    above, below = rank(importer), rank(imported)
    same_package = "." in importer and head(importer) == head(imported)
    return below >= above if same_package else below[0] >= above[0]


def foreign(name: str) -> str | None:
    """The key in OWNERS that decides about *name*; None for what is ours, or standard and nobody's."""
    if name.startswith("aiohttp.web"):
        return "aiohttp.web"
    top = head(name)
    if top == "attr":
        return "attrs"
    return top if top in OWNERS or top not in sys.stdlib_module_names | {"tavus_async"} else None


def is_owner(module: str, owners: tuple[str, ...]) -> bool:
    return owners == EVERYWHERE or head(module) in owners


def test_every_module_has_its_place() -> None:
    placed = {module: rank(module) for module in modules()}

    assert "errors" in placed


def test_imports_point_down() -> None:
    known = set(modules())
    upward = [
        f"{module}:{found.line} imports {target}"
        for module, path in modules().items()
        for found in imports(path.read_text(encoding="utf-8"), module)
        if (target := ours(found.module, known)) is not None
        and target != module
        and is_upward(module, target)
        and not (found.types and (module, head(target)) in FOR_TYPES_ONLY)
    ]

    assert not upward, "\n".join(upward)


def test_every_foreign_library_has_one_owner() -> None:
    strangers = [
        f"{module}:{found.line} imports {found.module}; owner: {OWNERS.get(library, 'none in OWNERS yet')}"
        for module, path in modules().items()
        for found in imports(path.read_text(encoding="utf-8"), module)
        if (library := foreign(found.module)) is not None
        and not is_owner(module, OWNERS.get(library, ()))
        and not (found.types and is_owner(module, OWNERS_FOR_TYPES.get(library, ())))
    ]

    assert not strangers, "\n".join(strangers)


def test_no_file_is_too_long() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}

    assert not long


def test_no_function_is_too_long() -> None:
    long = [
        f"{module}:{node.lineno} {node.name} has {length} lines"
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert not long, "\n".join(long)


def test_importing_the_core_loads_neither_the_sandbox_nor_the_command_line() -> None:
    outside = ("sandbox", "cli", "__main__")
    core = [module.removesuffix(".__init__") for module in modules() if head(module) not in outside]
    names = ["tavus_async", *(f"tavus_async.{module}" for module in core if module != "__init__")]
    unwanted = ("tavus_async.sandbox", "tavus_async.cli", "aiohttp.web", "rich")
    program = f"""
import importlib, sys
for name in {names}: importlib.import_module(name)
print(*(name for name in sys.modules if name.startswith({unwanted})))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import rich.table", [("rich.table", False)]),
        ("from . import _record", [("tavus_async.models._record", False)]),
        ("from .._wire import Call", [("tavus_async._wire.Call", False)]),
        ("from tavus_async.cli import main", [("tavus_async.cli.main", False)]),
        ("def f():\n    from tavus_async import sandbox", [("tavus_async.sandbox", False)]),
        ("if TYPE_CHECKING:\n    import aiohttp\nimport attrs", [("attrs", False), ("aiohttp", True)]),
        ("importlib.import_module('tavus_async.cli')", [("tavus_async.cli", False)]),
    ],
)
def test_imports_are_found_wherever_they_stand(source: str, expected: list[tuple[str, bool]]) -> None:
    found = [(name.module, name.types) for name in imports(source, "models._persona")]

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("importer", "imported", "upward"),
    [
        ("_session", "errors", False),
        ("errors", "_session", True),
        ("_retry", "_limiter", True),
        ("models._persona", "models._record", False),
        ("models._record", "models._persona", True),
        ("models._record", "models.__init__", True),
        ("cli.__init__", "sandbox.__init__", False),
        ("cli.__init__", "__init__", False),
        ("_session", "__init__", True),
        ("sandbox.__init__", "cli.__init__", True),
    ],
)
def test_a_module_knows_only_what_lies_below_it(importer: str, imported: str, upward: bool) -> None:
    assert is_upward(importer, imported) is upward


def test_a_name_belongs_to_the_deepest_module_that_holds_it() -> None:
    known = {"__init__", "errors", "models.__init__", "models._record"}

    assert ours("tavus_async.models._record.Record", known) == "models._record"
    assert ours("tavus_async.models.Persona", known) == "models.__init__"
    assert ours("tavus_async.AsyncSession", known) == "__init__"
    assert ours("attrs.frozen", known) is None
