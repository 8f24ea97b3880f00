"""What people install: the package and nothing else, complete."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("icon.svg", "overview.html", "overview.css", "overview.js", "room.html", "room.css", "room.js")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return folder


def test_the_wheel_holds_the_package_alone(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tavus_async").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    assert names == sources
    assert "tavus_async/py.typed" in names
    assert {f"tavus_async/sandbox/pages/assets/{name}" for name in PAGES} <= names


def test_the_metadata_names_the_licence_the_pythons_and_the_program(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        scripts = archive.read(f"{info}/entry_points.txt").decode()

    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert "tavus-async = tavus_async.__main__:main" in scripts


def test_the_long_description_needs_no_file_of_the_checkout(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (info,) = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
        metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
    text = metadata.get_payload()

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert isinstance(text, str)
    assert re.findall(r"\]\((?!https://)[^)]*\)|<img|<source", text) == []


def test_the_source_distribution_can_be_tested(dist: Path) -> None:
    (source,) = dist.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix() for name in archive.getnames()}

    assert {"LICENSE", "Makefile", "README.md", "pyproject.toml", "tests/conftest.py"} <= names
    assert {f"tavus_async/sandbox/pages/assets/{name}" for name in PAGES} <= names
    assert not any(".venv" in name or "__pycache__" in name for name in names)
