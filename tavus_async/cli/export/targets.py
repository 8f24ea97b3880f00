"""Where fetched personas go: into a file, with one for the failures beside it, or to stdout."""

from pathlib import Path
from typing import Any, Final

from tavus_async.cli.export.failures import FailuresFile
from tavus_async.cli.export.ids import IdSet
from tavus_async.cli.export.jsonl import PersonasFile
from tavus_async.cli.jsons import dumps
from tavus_async.cli.messages import explain
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import output

PERSONA: Final = find_noun("personas")


def failures_of(path: Path) -> Path:
    """Return the path of the file of failures that stands beside a file of personas."""
    return path.parent / f"{path.name}.errors"


class Files:
    """A file of personas, and one of failures."""

    def __init__(self, path: Path, *, resume: bool, overwrite: bool) -> None:
        self._failures = FailuresFile(failures_of(path))
        self._failures.check(resume=resume, overwrite=overwrite)
        self._personas = PersonasFile(path, resume=resume, overwrite=overwrite)
        self.known = self._personas.ids
        """The ids that are there already; whoever fetches adds those that were asked for."""
        self._is_new = not resume
        self._failed = 0
        if resume:
            self._failures.resume(self.known)

    def write(self, key: str, body: dict[str, Any]) -> None:
        """Append the persona that was asked for under an id."""
        line = dumps(body)
        self.finish()
        self._personas.write(line)
        self._failures.settle(key)

    def fail(self, key: str, error: Exception, *, attempts: int) -> None:
        """Append the reason why an id could not be fetched to the other file."""
        self.finish()
        self._failures.settle(key)
        self._failures.add({"id": key, "error": type(error).__name__, "message": explain(error), "attempts": attempts})
        self._failed += 1

    def finish(self) -> None:
        """Remove what an earlier run has left, if that is not done yet: there is something to put in its place."""
        if self._is_new:
            self._is_new = False
            self._personas.begin()
            self._failures.clear()

    def close(self) -> None:
        """Let both files reach the disk."""
        try:
            self._failures.close()
        finally:
            self._personas.close()

    def summary(self) -> str:
        """Say how many personas the file holds, and where the failures are."""
        found, written = self._personas.found, self._personas.written
        parts = [f"{PERSONA.count(found + written)} in {self._personas.path}"] if found or written else []
        if found:
            parts.append(f"{found:,} of them from before")
        if self._failed:
            parts.append(f"{self._failed:,} failed, see {self._failures.path}")
        return ", ".join(parts)


class Stdout:
    """Personas on stdout, failures on stderr."""

    def __init__(self) -> None:
        self.known = IdSet()
        self._written = 0
        self._failed = 0

    def write(self, key: str, body: dict[str, Any]) -> None:  # noqa: ARG002 (as in Files)
        """Print the persona."""
        output.put_json(body)
        self._written += 1

    def fail(self, key: str, error: Exception, *, attempts: int) -> None:  # noqa: ARG002 (likewise)
        """Say what failed."""
        output.complain(f"{key}: {explain(error)}")
        self._failed += 1

    def finish(self) -> None:
        """Do nothing: stdout has no past."""

    def close(self) -> None:
        """Do nothing: what was printed is out."""

    def summary(self) -> str:
        """Say how many were written, and how many not."""
        parts = [f"{PERSONA.count(self._written)} written"] if self._written else []
        if self._failed:
            parts.append(f"{self._failed:,} failed")
        return ", ".join(parts)
