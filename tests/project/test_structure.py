"""The shape of the package: who may import whom, who owns which library, and how long things may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).name
PACKAGE = Path(__file__).resolve().parents[2] / "tavus_async"

# From the bottom up: folders, and the few modules beside them. One imports only from those before it; within a folder
# modules import each other in any order that is no circle.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("_records",),
    ("_values",),
    ("_settings",),
    ("patch",),
    ("_wire",),
    ("_http", "_bulk"),
    ("_engine",),
    ("resources",),
    ("models", "calls", "interactions"),
    ("_session",),
    ("sandbox", "webhooks"),
    ("integrations",),
    # The door. The command line comes in by it, as every user does.
    ("__init__",),
    ("cli",),
    ("__main__",),
)

# A resource knows how records are read and how calls are made, and nothing of how they are carried out.
CLOSED_TO_RESOURCES = ("_engine", "_http")

# BulkError carries outcomes and an outcome carries an error: the one knot, tied for type checkers only.
FOR_TYPES_ONLY = {("errors", "_values")}

EVERYWHERE = ("",)
OWNERS: dict[str, tuple[str, ...]] = {
    # The sandbox is a client too: it posts callbacks.
    "aiohttp": ("_http", "sandbox.callbacks"),
    "aiohttp.web": ("sandbox", "webhooks.routes", "webhooks.serving"),
    "aiolimiter": ("_engine.token_bucket",),
    "attrs": EVERYWHERE,
    "cattrs": ("_records.reading",),
    "json": ("_records.json", "sandbox", "cli"),
    "jiter": ("_records.json",),
    "msgspec": ("_records.json",),
    "redis": ("integrations.redis",),
    "rich": ("cli",),
    "tenacity": ("_engine.repeat",),
    "yarl": ("_http",),
}
# To annotate the session that a caller lends, and the routes that one is given.
OWNERS_FOR_TYPES: dict[str, tuple[str, ...]] = {
    "aiohttp": ("_engine.lifecycle", "_session"),
    "aiohttp.web": ("webhooks.receiver",),
}

# What each resource has, as it has a class of methods.
EACH_RESOURCES_OWN = {"PROCESSING", "SERVERS_OWN", "WAITABLE"}

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


def floor(module: str) -> int:
    """The height of *module*: that of its folder."""
    for number, names in enumerate(FLOORS):
        if head(module) in names:
            return number
    pytest.fail(f"tavus_async/{head(module)} has no floor yet: give it one in FLOORS of {HERE}")


def is_upward(importer: str, imported: str) -> bool:
    """Whether *importer* may not know *imported*, which lies higher, or beside it in another folder."""
    return head(importer) != head(imported) and floor(imported) >= floor(importer)


def resource_of(module: str) -> str | None:
    """The resource that *module* belongs to; None for what belongs to none."""
    folder, *rest = module.split(".")
    return rest[0] if folder == "resources" and len(rest) > 1 else None


def is_closed(importer: str, imported: str) -> bool:
    """Whether *importer* is a resource's, and *imported* is another's or none of its business."""
    if resource_of(importer) is None:
        return False
    other = resource_of(imported)
    return head(imported) in CLOSED_TO_RESOURCES or (other is not None and other != resource_of(importer))


def circles(graph: dict[str, set[str]]) -> list[str]:
    """The circles of a graph of imports, each told from one of its modules."""
    found: list[str] = []
    ended: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        if module in path:
            found.append(" -> ".join((*path[path.index(module) :], module)))
        elif module not in ended:
            for target in sorted(graph.get(module, ())):
                visit(target, (*path, module))
            ended.add(module)

    for module in sorted(graph):
        visit(module, ())
    return found


def foreign(name: str) -> str | None:
    """The key in OWNERS that decides about *name*; None for what is ours, or standard and nobody's."""
    if name.startswith("aiohttp.web"):
        return "aiohttp.web"
    top = head(name)
    if top == "attr":
        return "attrs"
    return top if top in OWNERS or top not in sys.stdlib_module_names | {"tavus_async"} else None


def is_owner(module: str, owners: tuple[str, ...]) -> bool:
    folders = {module, head(module), ".".join(module.split(".")[:2])}
    return owners == EVERYWHERE or not folders.isdisjoint(owners)


def graph() -> dict[str, set[tuple[str, int]]]:
    """What each module imports of this package, and on which line."""
    known = set(modules())
    return {
        module: {
            (target, found.line)
            for found in imports(path.read_text(encoding="utf-8"), module)
            if (target := ours(found.module, known)) not in {None, module}
            and target is not None
            and not (found.types and (module, head(target)) in FOR_TYPES_ONLY)
        }
        for module, path in modules().items()
    }


def test_every_module_has_its_floor() -> None:
    floors = {module: floor(module) for module in modules()}

    assert floors["errors"] == 0


def test_every_floor_is_lived_on() -> None:
    there = {head(module) for module in modules()}

    assert [name for names in FLOORS for name in names if name not in there] == []


def test_imports_point_down() -> None:
    upward = [
        f"{module}:{line} imports {target}"
        for module, targets in graph().items()
        for target, line in sorted(targets)
        if is_upward(module, target)
    ]

    assert not upward, "\n".join(upward)


def test_no_modules_import_each_other() -> None:
    found = circles({module: {target for target, _ in targets} for module, targets in graph().items()})

    assert not found, "\n".join(found)


def test_a_resource_knows_neither_the_engine_nor_another_resource() -> None:
    nosy = [
        f"{module}:{line} imports {target}"
        for module, targets in graph().items()
        for target, line in sorted(targets)
        if is_closed(module, target)
    ]

    assert not nosy, "\n".join(nosy)


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


def test_no_two_classes_bear_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for module, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(module)

    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


def test_no_two_constants_of_one_name_have_different_values() -> None:
    values: dict[str, dict[str, str]] = {}
    for module, path in modules().items():
        for name, value in constants(path.read_text(encoding="utf-8")):
            if name not in EACH_RESOURCES_OWN or head(module) != "resources":
                values.setdefault(name, {})[module] = value

    assert {name: found for name, found in values.items() if len(set(found.values())) > 1} == {}


def constants(source: str) -> Iterator[tuple[str, str]]:
    """The constants of a module, which are written in capitals, and what they are set to."""
    for node in ast.parse(source).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and target.id.strip("_").isupper() and value is not None:
                yield target.id.strip("_"), ast.unparse(value)


def test_importing_the_core_loads_neither_the_sandbox_nor_webhooks_nor_the_command_line() -> None:
    outside = ("sandbox", "webhooks", "integrations", "cli", "__main__")
    core = [module.removesuffix(".__init__") for module in modules() if head(module) not in outside]
    names = ["tavus_async", *(f"tavus_async.{module}" for module in core if module != "__init__")]
    unwanted = (*tuple(f"tavus_async.{name}" for name in outside[:-1]), "aiohttp.web", "redis", "rich")
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
        ("from . import record", [("tavus_async._records.record", False)]),
        ("from .._wire import Call", [("tavus_async._wire.Call", False)]),
        ("from tavus_async.cli import main", [("tavus_async.cli.main", False)]),
        ("def f():\n    from tavus_async import sandbox", [("tavus_async.sandbox", False)]),
        ("if TYPE_CHECKING:\n    import aiohttp\nimport attrs", [("attrs", False), ("aiohttp", True)]),
        ("importlib.import_module('tavus_async.cli')", [("tavus_async.cli", False)]),
    ],
)
def test_imports_are_found_wherever_they_stand(source: str, expected: list[tuple[str, bool]]) -> None:
    found = [(name.module, name.types) for name in imports(source, "_records.reading")]

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("importer", "imported", "upward"),
    [
        ("_session", "errors", False),
        ("errors", "_session", True),
        ("_http.transport", "_bulk.run", True),
        ("_records.record", "_records.reading", False),
        ("_records.record", "_wire.call", True),
        ("cli.__init__", "sandbox.__init__", False),
        ("cli.__init__", "__init__", False),
        ("_session", "__init__", True),
        ("sandbox.__init__", "cli.__init__", True),
    ],
)
def test_a_module_knows_only_what_lies_below_its_folder(importer: str, imported: str, upward: bool) -> None:
    assert is_upward(importer, imported) is upward


@pytest.mark.parametrize(
    ("importer", "imported", "closed"),
    [
        ("resources.personas.calls", "_wire.call", False),
        ("resources.personas.calls", "resources.personas.records", False),
        ("resources.personas.methods", "resources._sends", False),
        ("resources.personas.methods", "_engine.engine", True),
        ("resources.personas.calls", "resources.videos.calls", True),
        ("resources._sends", "_engine.engine", False),
        ("_session", "_engine.engine", False),
    ],
)
def test_a_resource_keeps_to_itself(importer: str, imported: str, closed: bool) -> None:
    assert is_closed(importer, imported) is closed


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b -> c -> b"]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_name_belongs_to_the_deepest_module_that_holds_it() -> None:
    known = {"__init__", "errors", "_records.__init__", "_records.record"}

    assert ours("tavus_async._records.record.Record", known) == "_records.record"
    assert ours("tavus_async._records.Record", known) == "_records.__init__"
    assert ours("tavus_async.AsyncSession", known) == "__init__"
    assert ours("attrs.frozen", known) is None
