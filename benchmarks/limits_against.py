"""The same simulation with another package: the one in a folder, or the one of a git revision."""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.limits_statistics import Outcome

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tavus_async"


class UnknownRevisionError(Exception):
    """There is no such revision here, or no git."""


def simulate_tree(folder: str | Path, arguments: Sequence[str]) -> dict[str, list[Outcome]]:
    """Simulate with the package that lies in *folder*, in processes of its own."""
    package = Path(folder).resolve() / PACKAGE
    with tempfile.TemporaryDirectory() as place:
        # A program's own folder comes before all others.
        copy = shutil.copytree(package, Path(place, PACKAGE), ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "benchmarks.limits_simulated", "--json", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=place, env=environment, stdout=subprocess.PIPE, check=True)
        values = json.loads(done.stdout)
        if not Path(values["place"]).samefile(copy / "__init__.py"):
            raise RuntimeError(f"the package in {values['place']} was measured, not the one in {package}")
    return {kind: [Outcome(**each) for each in outcomes] for kind, outcomes in values["outcomes"].items()}


def simulate_revision(revision: str, arguments: Sequence[str]) -> dict[str, list[Outcome]]:
    """Simulate with the package of a git revision; raises UnknownRevisionError where it is not to be had."""
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(io.BytesIO(archive(revision))) as files:
            files.extractall(place)
        return simulate_tree(place, arguments)


def archive(revision: str) -> bytes:
    """Return the package of a git revision as a zip file."""
    command = ["git", "archive", "--format=zip", revision, PACKAGE]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnknownRevisionError(f"git knows no {revision} here") from error
