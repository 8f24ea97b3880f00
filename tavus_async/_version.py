"""The installed version."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def installed_version() -> str:
    """Return the version of the installed distribution; 0 where there is none, as in a bare checkout."""
    try:
        return version("tavus-async")
    except PackageNotFoundError:
        return "0"
