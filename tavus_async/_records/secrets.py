"""The one type that carries secrets, and how masked ones are told from real ones."""

from collections.abc import Iterator, Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tavus_async._records.frameworks import OwnSerializer, plain_schema

MASK = "***"
"""What stands in the place of a secret wherever one would be shown."""

HEADERS = "headers"
# Characters of a part of a path: what is shorter can be guessed, and is rather a word than a secret.
SHORTEST_SEGMENT = 16
# Of names under which a text is a credential, whatever stands before: `x-api-key`, `client_secret`, `accessToken`.
CREDENTIAL_ENDINGS = ("api_key", "apikey", "authorization", "password", "playht_user_id", "secret", "token")


# What shows all that it holds.
OPEN = (Mapping, list, tuple, set, frozenset, bytes, bytearray, memoryview)


class Hidden:
    """Holds what a caller has given, so that no traceback's locals of ours show the secrets in it."""

    __slots__ = ("given",)

    def __init__(self, given: Any) -> None:
        self.given = given

    def __repr__(self) -> str:
        return f"<a hidden {type(self.given).__name__}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and bool(self.given == other.given)

    def __hash__(self) -> int:
        return hash(self.given)


def hidden(given: Any, *, texts: bool = False) -> Any:
    """Return what may hold secrets openly in a Hidden, out of which `shown` takes it; anything else hides its own.

    With *texts*, a text is hidden too: somebody may give the JSON of a draft instead of what it says.
    """
    return Hidden(given) if isinstance(given, OPEN) or (texts and isinstance(given, str)) else given


def shown(given: Any) -> Any:
    """Return what is in a Hidden; anything else as it is."""
    return given.given if isinstance(given, Hidden) else given


class Secret:
    """A text that is never shown; `reveal()` alone gives it.

    `str`, `repr`, `format`, JSON encoders and pydantic show three asterisks. It is no `str`, so no slice or join of it
    can leak; two secrets are compared in constant time. A pickle does not hold the text: what comes out is masked.
    So is a text with three asterisks in it, as the server, and `to_dict(secrets=False)`, write for a secret.
    """

    __slots__ = ("_is_masked", "_value")

    def __init__(self, text: "str | Secret", *, is_masked: bool = False) -> None:
        self._value: str = text.reveal() if isinstance(text, Secret) else text
        self._is_masked = is_masked or (text.is_masked if isinstance(text, Secret) else MASK in text_of(text))

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    @property
    def is_masked(self) -> bool:
        """Whether this is what the server shows of a secret, masked or shortened: such a text is never sent back."""
        return self._is_masked

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        one, two = (text_of(each.reveal()).encode(errors="surrogatepass") for each in (self, other))
        return compare_digest(one, two) and type(self.reveal()) is type(other.reveal())

    def __hash__(self) -> int:
        return hash((Secret, text_of(self._value)))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, _memo: object) -> "Secret":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Secret, (MASK,)

    # What a serializer would look for in the slots.
    def __getstate__(self) -> object:
        return None

    # For encoders that know no such class and look at its attributes, as FastAPI's does.
    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return {"secret": MASK}

    __pydantic_serializer__ = OwnSerializer()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, Any]:
        return plain_schema(read=validate_secret, write=str, kind="str")

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, Any]:
        return {"type": "string", "format": "password", "writeOnly": True}


def text_of(value: object) -> str:
    """Return a text, or that of a value which is none; of a number that is too long for one, its digits to base 16."""
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return str(value)
    except Exception:  # noqa: BLE001 (a class of the caller's may raise anything)
        return f"{value:x}" if type(value) is int else type(value).__name__


def validate_secret(value: object) -> Secret:
    """Take a secret or its text, as pydantic asks for it: a ValueError says what is wrong."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise ValueError("a secret must be a string")  # noqa: TRY004 (of a TypeError pydantic makes no error of its own)
    return Secret(value)


def make_secret(value: str | Secret | None) -> Secret | None:
    """Return a secret of a text; a secret, and None, as it is."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def make_secrets(values: Mapping[str, str | Secret] | None) -> Mapping[str, Secret] | None:
    """Return the values of a mapping as secrets; None as it is, and as one secret what is no mapping."""
    return hide_values(values) if isinstance(values, Mapping) else make_secret(values)  # type: ignore[return-value]


def hide_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a mapping as secrets."""
    return {name: make_secret(value) for name, value in values.items()}


def mask_link(url: str, *, hides_path: bool) -> str:
    """Return a URL with three asterisks for what of it can hold a secret: user, query and fragment, or the path too."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    host = parts.netloc.rpartition("@")[2]
    shown = f"{parts.scheme}://{host}" if parts.scheme else host
    hides_path = hides_path or (not host and "@" in parts.path)  # of `user:password@host`, it is in the path
    if hides_path:
        if (parts.path, parts.query, parts.fragment) == ("", "", ""):
            return shown
        return f"{shown}/{MASK}" if shown else MASK
    masks = (f"?{MASK}" if parts.query else "") + (f"#{MASK}" if parts.fragment else "")
    return f"{shown}{parts.path}{masks}"


def hidden_parts(url: str, masked: str) -> Iterator[Secret]:
    """Yield a URL, and what of it is not shown when it is *masked*, each as somebody might repeat it."""
    if url == masked:
        return
    yield Secret(url)
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return
    values = [value for _, value in parse_qsl(parts.query)]
    segments = [segment for segment in parts.path.split("/") if len(segment) >= SHORTEST_SEGMENT]
    for part in (password, parts.query, *values, parts.fragment, parts.path, *segments):
        if part and part not in masked:
            yield Secret(part)


def is_credential(name: object) -> bool:
    """Return whether a text under this name is a credential, wherever it stands."""
    return isinstance(name, str) and name.lower().replace("-", "_").endswith(CREDENTIAL_ENDINGS)


def holds_secrets(name: object) -> bool:
    """Return whether what stands under this name in a JSON object is secret: a credential, or headers with some."""
    return is_credential(name) or name == HEADERS
