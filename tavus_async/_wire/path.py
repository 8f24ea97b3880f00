"""Ids as parts of a path."""

import re
from collections.abc import Mapping
from types import CoroutineType
from typing import Any, Final
from urllib.parse import quote, unquote

from tavus_async._settings.checks import describe
from tavus_async.errors import InvalidRequestError

LONGEST_SEGMENT: Final = 255
"""Characters of an id in a path: what is longer is another text, which has no business in a URL."""

_PLAIN: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_SEGMENT}}}")
# What ids are given as by mistake; the first that is found is told.
_ID_MISTAKES: Final = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), words)
    for pattern, words in (
        (r"[\s\ufeff\u200b]*\Z", "is empty"),
        (
            r"[\s\ufeff\u200b].*|.*[\s\ufeff\u200b]\Z",
            "is surrounded by white space, as the lines of a file are: strip it",
        ),
        (r".*[\x00-\x1f\x7f-\x9f\u2028\u2029]", "contains a control character"),
        (r"""["'`\u2018\u201c\xab].*|.*["'`\u2019\u201d\xbb]\Z""", "is in quotation marks: leave them out"),
        (r"[a-z][a-z0-9+.-]*://", "is a URL"),
        (r"\{.*:.*\}\Z|\[.*\]\Z", "is the text of JSON, which has to be read first"),
        (r"<.*>\Z|\{.*\}\Z|\$\{?\w+\}?\Z|%\w+%\Z", "is a placeholder"),
    )
)


def quote_id(value: Any, *, name: str) -> str:
    """Return an id quoted as one segment of a path; InvalidRequestError for what cannot be one."""
    if not isinstance(value, str):
        raise InvalidRequestError(f"{name} must be a string, not {describe(value)}{meant(value, name)}")
    # The text alone, where the class has ideas of its own.
    text: str = value if value.__class__ is str else str.__str__(value)
    if _PLAIN.fullmatch(text):
        return text
    problem = next((words for pattern, words in _ID_MISTAKES if pattern.match(text)), None)
    if problem is not None:
        raise InvalidRequestError(f"{name} {problem}{last_segment(text)}")
    if len(text) > LONGEST_SEGMENT:
        raise InvalidRequestError(f"{name} is a text of {len(text):,} characters, longer than any id")
    if any(segment.strip() in {".", ".."} for segment in re.split(r"[/\\]", unquote(text))):
        raise InvalidRequestError(f"{name} contains a dot segment, which would point at another path")
    if text.startswith("/"):
        raise InvalidRequestError(f"{name} is a path{last_segment(text)}")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        pass  # raised below, so that it is not chained to the error
    raise InvalidRequestError(f"{name} is not valid Unicode")


def meant(value: Any, name: str) -> str:
    """Return the end of a message about what is no string: where the id is in it, if it is."""
    if isinstance(value, CoroutineType):
        value.close()  # or Python would warn as well that nobody has awaited it
        return ": await it first"
    if isinstance(value, type):
        return ""
    try:
        if isinstance(value, Mapping):
            return f": give the {name} in it" if name in value else ""
        return f": give its {name}" if isinstance(getattr(value, name, None), str) else ""
    except Exception:  # noqa: BLE001 (a class of the caller's may raise anything)
        return ""


def last_segment(value: str) -> str:
    """Return the end of a message about a URL or a path: the id that it may end with."""
    segment = value.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return f" (did you mean {segment}?)" if "/" in value and _PLAIN.fullmatch(segment) else ""
