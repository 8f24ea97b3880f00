"""The Chromium on this machine: where it is, or how to come by one. As a program, it tells."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = ("Chromium", "Google Chrome")
DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
INSTALLERS = {
    "apt-get": "sudo apt-get install --yes chromium",
    "dnf": "sudo dnf install --assumeyes chromium",
    "pacman": "sudo pacman -S --noconfirm chromium",
    "brew": "brew install --cask chromium",
}
# What a browser does of its own accord has no place in a test.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """The path of a Chromium or a Chrome that is installed, or that playwright has downloaded, or None."""
    for command in COMMANDS:
        found = shutil.which(command)
        if found is not None:
            return found
    paths = [Path("/Applications") / f"{name}.app" / "Contents" / "MacOS" / name for name in APPLICATIONS]
    for folder in downloads():
        paths += (path for pattern in DOWNLOADED for path in sorted(folder.glob(pattern), reverse=True))
    return next((str(path) for path in paths if path.is_file()), None)


def downloads() -> list[Path]:
    """Where `playwright install chromium` puts what it has downloaded."""
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen:
        return [Path(chosen)]
    return [Path.home() / cache / "ms-playwright" for cache in (".cache", "Library/Caches")]


def missing() -> str | None:
    """Why pages cannot be tried in a browser here; None if they can."""
    if importlib.util.find_spec("playwright") is None:
        return "the extra `browser` is not installed: see make browser"
    return how_to_install() if find() is None else None


def flags() -> list[str]:
    """What to start it with; its own sandbox does not work for root."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, "--no-sandbox"] if is_root else [*FLAGS]


def how_to_install() -> str:
    """The command by which this system's package manager installs one, or all that are known."""
    commands = [command for manager, command in INSTALLERS.items() if shutil.which(manager)]
    if commands:
        return f"no Chromium is installed; install it with: {commands[0]}"
    return f"no Chromium is installed; install it, such as with: {', or '.join(INSTALLERS.values())}"


if __name__ == "__main__":
    if find() is None:
        sys.exit(how_to_install())
