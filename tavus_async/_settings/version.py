"""The installed version of the distribution."""

from functools import cache


@cache
def installed_version() -> str:
    """Return the version of the installed distribution; 0 where there is none, as in a bare checkout."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 (half as long as all of this package)

    try:
        return version("tavus-async")
    except PackageNotFoundError:
        return "0"
