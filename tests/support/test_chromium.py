"""Finding a Chromium, and saying how to come by one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import chromium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, and on a machine without applications."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setattr(chromium, "APPLICATIONS", ())
    return tmp_path


def install(folder: Path, name: str) -> str:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_it_is_found_by_any_of_its_names(installed: Path, name: str) -> None:
    path = install(installed, name)

    assert chromium.find() == path


@pytest.mark.parametrize("chosen", [None, "elsewhere"])
def test_one_that_was_downloaded_is_found_the_newest_first(
    installed: Path, chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = installed / (chosen or ".cache/ms-playwright")
    if chosen is not None:
        monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(folder))
    for version in ("1100", "1200"):
        path = folder / f"chromium-{version}" / "chrome-linux"
        path.mkdir(parents=True)
        install(path, "chrome")

    assert chromium.find() == str(folder / "chromium-1200" / "chrome-linux" / "chrome")


def test_it_is_told_which_of_the_two_is_missing(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for is_there, told in ((None, "the extra `browser`"), (object(), "no Chromium is installed")):
        monkeypatch.setattr("importlib.util.find_spec", lambda _name, found=is_there: found)
        assert str(chromium.missing()).startswith(told)
    install(installed, "chromium")

    assert chromium.missing() is None


def test_where_there_is_none_none_is_found(installed: Path) -> None:
    assert chromium.find() is None


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install --yes chromium"),
        ("dnf", "sudo dnf install --assumeyes chromium"),
        ("pacman", "sudo pacman -S --noconfirm chromium"),
        ("brew", "brew install --cask chromium"),
    ],
)
def test_how_to_install_one_is_told_in_the_words_of_the_systems_own_manager(
    installed: Path, manager: str, command: str
) -> None:
    install(installed, manager)

    assert chromium.how_to_install() == f"no Chromium is installed; install it with: {command}"


def test_where_no_manager_is_known_all_are_named(installed: Path) -> None:
    told = chromium.how_to_install()

    assert all(command in told for command in chromium.INSTALLERS.values())


@pytest.mark.skipif(sys.platform == "darwin", reason="applications are not on the PATH")
def test_as_a_program_it_fails_where_there_is_none(installed: Path) -> None:
    command = [sys.executable, "-m", "tests.support.chromium"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("no Chromium is installed; install it")
