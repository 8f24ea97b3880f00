"""Links to files that Tavus would download, judged by how they look: the sandbox itself downloads nothing."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tavus_async.sandbox.json import Json

__all__ = ["ending", "is_link", "is_unreachable", "stem"]

# RFC 2606: no host of that name will ever be.
_NOWHERE = "invalid"


def is_link(value: Json) -> bool:
    """Return whether this is an http or https URL."""
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def is_unreachable(url: str) -> bool:
    """Return whether nothing can be downloaded from a URL: its host ends in `.invalid`."""
    return (urlsplit(url).hostname or "").rpartition(".")[2] == _NOWHERE


def ending(url: str) -> str:
    """Return what the name of a file ends in, as in `.mp4`, in lower case; empty where it has no ending."""
    return PurePosixPath(urlsplit(url).path).suffix.lower()


def stem(url: str) -> str:
    """Return the name of a file without its ending."""
    return PurePosixPath(urlsplit(url).path).stem
