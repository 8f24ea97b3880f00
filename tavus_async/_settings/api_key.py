"""What cannot be an API key, and what it looks like instead; no message shows any of it."""

import re
from typing import Final

from tavus_async._records.secrets import Secret
from tavus_async._settings.checks import is_text
from tavus_async.errors import KEYS_PAGE, ConfigurationError

_KEY: Final = re.compile(r"[\x21-\x7e]+")
# What documentation has in the place of a key, and what programs make of none; only as a whole text.
_STAND_IN: Final = re.compile(
    r"""<.*> | \{.*\} | \[.*\] | \$.* | %.*% | \.{2,} | … | x{4,} | sk-(\.+|x+)
        | (your|insert|enter|paste|replace)[-_ ].* | yourkey | .*(key|token)[-_ ](goes[-_ ])?here | tavus_api_key
        | placeholder | change[-_ ]?me | none | null | nil | undefined""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# The first that is found is told.
_KEY_MISTAKES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"\A\s*\Z", "is nothing but white space"),
        (r"[\r\n]\s*\Z", "ends with a line break, as the lines of a file do: leave it out"),
        (r"[\s\ufeff\u200b]\Z", "ends with white space: leave it out"),
        (r"\A[\s\ufeff\u200b]", "begins with white space: leave it out"),
        (r"""\A["'`\u2018\u201c\xab]|["'`\u2019\u201d\xbb]\Z""", "is in quotation marks: leave them out"),
        (r"\A(export\s+)?(\w+_)?(api_?)?(key|token)\s*=\s*\S", "begins with the name of a variable: leave it out"),
        (r"\Abearer[\s:]", "begins with Bearer: leave it out"),
        (r"\A(authorization|x-api-key|api-key)\b[\s:]", "begins with the name of a header: leave it out"),
        (r"\A[a-z]+://", "is a URL"),
        (r"[\r\n]", "has a line break in it"),
        (r"\s", "has a space in it"),
        (r"[\x00-\x1f\x7f]", "has a control character in it"),
    )
)


def check_key(api_key: Secret, *, source: str) -> Secret:
    """Return a key that can stand in a header; ConfigurationError for any other, which says where it came from.

    The key is never a local variable, which a traceback could show.
    """
    if not is_text(api_key.reveal()):
        raise ConfigurationError(f"the API key from {source} must be a string, not {type(api_key.reveal()).__name__}")
    problem = find_mistake(api_key)
    if problem is None and not _KEY.fullmatch(api_key.reveal()):
        problem = "has a character past ASCII in it"
    if problem is not None:
        raise ConfigurationError(f"the API key from {source} {problem} (keys are printable ASCII, made at {KEYS_PAGE})")
    return api_key


def find_mistake(api_key: Secret) -> str | None:
    """Return what is wrong with a text that should be a key; None where nothing is known to be."""
    if api_key.is_masked:
        return "is what is shown in the place of a secret"
    if _STAND_IN.fullmatch(api_key.reveal().strip()):
        return "is a placeholder, and no key"
    return next((words for pattern, words in _KEY_MISTAKES if pattern.search(api_key.reveal())), None)
