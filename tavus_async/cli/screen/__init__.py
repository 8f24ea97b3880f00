"""What people see and answer: texts, tables, progress, questions, an editor."""

import contextlib
from collections.abc import Generator

from tavus_async.cli.exits import UsageError


@contextlib.contextmanager
def needing_rich(who: str) -> Generator[None]:
    """Turn an import that fails for want of rich into a UsageError that says what *who* needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "rich":
            raise
        raise UsageError(f"{who} needs rich: pip install 'tavus-async[cli]'") from None
