"""What the screen needs."""

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.screen import needing_rich


def test_only_the_absence_of_rich_is_explained() -> None:
    with pytest.raises(UsageError, match=r"it needs rich: pip install 'tavus-async\[cli\]'"), needing_rich("it"):
        raise ModuleNotFoundError(name="rich.console")

    with pytest.raises(ModuleNotFoundError), needing_rich("it"):
        raise ModuleNotFoundError(name="richest")
