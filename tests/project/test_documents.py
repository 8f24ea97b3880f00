"""What the pages name exists: files, tests, targets of make, links; and the map of the folders is the law."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.test_structure import FLOORS, OWNERS, head
from tests.support.documents import PAGES, ROOT

CODE = ROOT / "tavus_async"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
SUPPORT = ROOT / "tests" / "support"
# The example of CONTRIBUTING.md, which nobody has written.
MADE_UP = "jingles"

page_by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def text_of(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def paths_in(text: str) -> Iterator[str]:
    """The files and folders that a text names between backticks."""
    for name in re.findall(r"`([\w./-]+)`", text):
        if name.endswith((".py", ".md", ".svg", ".txt")) or re.fullmatch(r"\w[\w.-]*/([\w-]+/)*", name):
            yield name


def is_there(name: str, page: Path) -> bool:
    """Whether there is such a file or folder: beside the page, in the package, or in the checkout."""
    return any((folder / name).exists() for folder in (page.parent, CODE, ROOT))


@page_by_page
def test_every_file_and_folder_that_a_page_names_is_there(page: Path) -> None:
    named = [name for name in paths_in(text_of(page)) if MADE_UP not in name]

    assert [name for name in named if not is_there(name, page)] == []


@page_by_page
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_every_link_of_the_readme_works_wherever_it_is_shown() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    source = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Source"]
    links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r"""(?:src|href|srcset)=["']([^"']+)""", text)
    own = [link.removeprefix(f"{source}/blob/main/") for link in links if link.startswith(source)]

    assert [link for link in links if not link.startswith("https://")] == []
    assert "![" not in text, "an image is shown only where its address is reached"
    assert len(own) > 8
    assert [name for name in own if not (ROOT / name.partition("#")[0]).is_file()] == []


@page_by_page
def test_every_heading_that_a_link_leads_to_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    anchors = {(name, anchor): anchor in headings((page.parent / name) if name else page) for name, anchor in links}

    assert [link for link, found in anchors.items() if not found] == []


def headings(page: Path) -> set[str]:
    """The headings of a page as links have them."""
    titles = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@page_by_page
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", page.read_text(encoding="utf-8"))

    assert [f"{file}::{name}" for file, name in named if not has_test(ROOT / file, name)] == []


def has_test(file: Path, name: str) -> bool:
    """Whether a file has a test, or a class of tests, of this name."""
    return file.is_file() and bool(
        re.search(rf"^ *(async def|def|class) {name}\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    )


@page_by_page
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:`|\$ )make ([a-z][\w-]*)", page.read_text(encoding="utf-8"))

    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_pages_name_files_links_tests_and_targets_at_all() -> None:
    every = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert len(PAGES) >= 10
    assert len(list(paths_in(text_of(ARCHITECTURE)))) > 60
    assert len(re.findall(r"tests/[\w/]+\.py::\w+", every)) > 40
    assert len(re.findall(r"(?:`|\$ )make [a-z]", every)) > 10


def test_the_map_has_the_floors_of_the_structure_test_from_the_top_down() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \| [^|]+ \| ([^|]*)\|$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    drawn = [tuple(re.findall(r"`(\w+)`", names)) for names, _ in rows]
    told = {library for _, libraries in rows for library in re.findall(r"[a-z.]+", libraries)}

    assert [set(names) for names in reversed(drawn)] == [set(names) for names in FLOORS]
    assert told == OWNERS.keys() - {"attrs", "json"}
    for library in told:
        knowing = {name for names, libraries in rows if library in re.findall(r"[a-z.]+", libraries)
                   for name in re.findall(r"`(\w+)`", names)}  # fmt: skip
        assert {head(owner) for owner in OWNERS[library]} <= knowing


def test_the_map_leads_to_every_folder_and_to_all_that_one_call_goes_through() -> None:
    named = set(paths_in(text_of(ARCHITECTURE)))
    modules = {path.relative_to(CODE).as_posix() for path in CODE.glob("_*/*.py")}
    one_call = {name for name in modules if name.startswith(("_engine/", "_http/", "_wire/", "_bulk/"))}

    assert sorted(name for name in one_call - named if not name.endswith("__init__.py")) == []


def test_every_tool_of_the_tests_is_described() -> None:
    described = set(
        re.findall(r"^\| `(\w+\.py)` \|", (SUPPORT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    tools = {path.name for path in SUPPORT.glob("*.py") if not path.name.startswith(("test_", "__"))}

    assert described == tools
