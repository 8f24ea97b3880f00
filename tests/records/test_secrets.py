"""A Secret is never shown, whoever looks at it."""

import copy
import hmac
import json
import logging
import pickle
import pprint
import string
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from tavus_async import LlmLayer, Secret
from tavus_async._records import secrets
from tavus_async._records.secrets import Hidden, hidden, holds_secrets, is_credential, make_secret, make_secrets, shown

TEXT = "sk-0123456789abcdef"
SECRET = Secret(TEXT)


@attrs.frozen
class Holder:
    secret: Secret


SHOWN: dict[str, Callable[[], object]] = {
    "str": lambda: str(SECRET),
    "repr": lambda: repr(SECRET),
    "ascii": lambda: ascii(SECRET),
    "f-string": lambda: f"{SECRET}",
    "f-string of a repr": lambda: f"{SECRET!r} {SECRET=}",
    "format": lambda: format(SECRET, ""),
    "padded": lambda: f"{SECRET:>30}",
    "cut": lambda: f"{SECRET:.2}",
    "str.format": lambda: "{} {!r} {:10}".format(SECRET, SECRET, SECRET),  # noqa: UP032 (what is tested)
    "percent": lambda: "%s %r %a" % (SECRET, SECRET, SECRET),  # noqa: UP031 (what is tested)
    "template": lambda: string.Template("$x").substitute(x=SECRET),
    "in a list": lambda: f"{[SECRET]} {(SECRET,)} { ({'key': SECRET}) }",
    "in an attrs class": lambda: repr(Holder(SECRET)),
    "attrs.asdict": lambda: repr(attrs.asdict(Holder(SECRET))),
    "attrs.astuple": lambda: repr(attrs.astuple(Holder(SECRET))),
    "vars": lambda: vars(SECRET),
    "vars as JSON": lambda: json.dumps(SECRET, default=vars),
    "its dict as JSON": lambda: json.dumps(SECRET, default=lambda value: value.__dict__),
    "its text as JSON": lambda: json.dumps({"key": SECRET}, default=str),
    "its state": SECRET.__getstate__,
    "its parts": lambda: SECRET.__reduce_ex__(2),
    "pprint": lambda: pprint.pformat({"key": SECRET}),
    "pickle 0": lambda: pickle.dumps(SECRET, protocol=0),
    "pickle": lambda: pickle.dumps([SECRET]),
    "dir": lambda: dir(SECRET),
    "an error": lambda: repr(ValueError(SECRET)),
    "an error's text": lambda: str(KeyError(SECRET)),
}


@pytest.mark.parametrize("look", SHOWN.values(), ids=SHOWN)
def test_whoever_looks_sees_no_part_of_it(look: Callable[[], object]) -> None:
    seen = str(look())

    assert "sk-" not in seen
    assert "0123" not in seen


TRIED: dict[str, Callable[[Any], object]] = {
    "a slice": lambda secret: secret[:4],
    "a letter": lambda secret: secret[0],
    "a join": lambda secret: "".join([secret]),  # noqa: FLY002 (what is tested)
    "an end": lambda secret: secret + "",
    "a beginning": lambda secret: "" + secret,
    "a repetition": lambda secret: secret * 2,
    "its length": len,
    "its letters": list,
    "its bytes": bytes,
    "a part": lambda secret: "sk" in secret,
    "its methods": lambda secret: secret.upper(),
    "its order": lambda secret: secret < "t",
    "JSON": json.dumps,
    "an attribute of its own": lambda secret: setattr(secret, "note", TEXT),
}


@pytest.mark.parametrize("attempt", TRIED.values(), ids=TRIED)
def test_it_is_no_text(attempt: Callable[[Any], object]) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        attempt(SECRET)

    assert "0123" not in str(caught.value)
    assert not isinstance(SECRET, str)


def test_its_format_takes_what_a_texts_does() -> None:
    assert f"{SECRET:>6}|{SECRET:^5}|{SECRET:.1}" == "   ***| *** |*"
    with pytest.raises(ValueError, match="format"):
        f"{SECRET:d}"


def test_reveal_alone_gives_it() -> None:
    assert SECRET.reveal() == TEXT


def test_it_is_true_where_there_is_a_text() -> None:
    assert SECRET
    assert not Secret("")


def test_equal_texts_are_equal_secrets() -> None:
    assert Secret(TEXT) == SECRET
    assert hash(Secret(TEXT)) == hash(SECRET)
    assert {SECRET: 1}[Secret(TEXT)] == 1
    assert Secret(TEXT, is_masked=True) == SECRET
    assert Secret(TEXT[:-1]) != SECRET
    assert Secret("\ud800") == Secret("\ud800") != Secret("?")
    assert Secret("é") != Secret("e\u0301")


@pytest.mark.parametrize("other", [TEXT, TEXT.encode(), "***", None, [TEXT]])
def test_no_text_is_equal_to_it(other: object) -> None:
    assert other != SECRET
    assert other != SECRET


def test_texts_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Any, Any]] = []

    def compare(one: Any, other: Any) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(secrets, "compare_digest", compare)

    assert Secret("abc") != Secret("abd")
    assert compared == [(b"abc", b"abd")]


def test_values_of_other_types_are_no_text_and_no_less_secret() -> None:
    odd: Any = ["sk-1"]

    assert Secret(odd) != Secret(str(odd))
    assert Secret(odd) == Secret(odd)
    assert "sk-" not in f"{Secret(odd)!r}"


@pytest.mark.parametrize("make_twin", [copy.copy, copy.deepcopy])
def test_a_copy_is_the_secret_itself(make_twin: Callable[[Secret], Secret]) -> None:
    assert make_twin(SECRET) is SECRET


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_comes_out_of_a_pickle_is_masked(protocol: int) -> None:
    twin = pickle.loads(pickle.dumps(SECRET, protocol=protocol))  # noqa: S301

    assert type(twin) is Secret
    assert twin.reveal() == "***"
    assert twin.is_masked


def test_a_text_with_asterisks_is_what_a_server_shows() -> None:
    assert not SECRET.is_masked
    assert Secret("sk-…77", is_masked=True).is_masked
    assert Secret("********1234").is_masked
    assert Secret("***").is_masked
    assert not Secret("a**b").is_masked


def test_the_secret_of_a_secret_is_the_same() -> None:
    assert Secret(SECRET) == SECRET
    assert Secret(SECRET).reveal() == TEXT
    assert Secret(Secret("a")) != Secret(Secret("b"))
    assert Secret(Secret("x", is_masked=True)).is_masked


def test_no_log_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("elsewhere")
    with caplog.at_level(logging.DEBUG):
        logger.debug("%s %r %s", SECRET, SECRET, {"key": SECRET}, extra={"key": SECRET})

    (record,) = caplog.records
    assert record.getMessage().count("***") == 3
    assert TEXT not in f"{caplog.text} {vars(record)}"


def test_secrets_are_made_of_texts_and_of_what_a_mapping_holds() -> None:
    values: Any = MappingProxyType({"a": "one", "b": SECRET, "c": None, "d": ["two"]})
    made: Any = make_secrets(values)

    assert make_secret("one") == Secret("one")
    assert make_secret(SECRET) is SECRET
    assert make_secret(None) is None
    assert make_secrets(None) is None
    assert list(made) == ["a", "b", "c", "d"]
    assert (made["a"].reveal(), made["b"], made["c"], made["d"].reveal()) == ("one", SECRET, None, ["two"])


def test_what_is_no_mapping_of_headers_is_one_secret() -> None:
    pairs: Any = [("Authorization", TEXT)]

    assert TEXT not in f"{vars(LlmLayer(headers=pairs))} {LlmLayer(headers=pairs)!r} {LlmLayer(headers=pairs).headers}"


@pytest.mark.parametrize("given", [{"api_key": TEXT}, [TEXT], (TEXT,), MappingProxyType({"api_key": TEXT})])
def test_what_callers_give_can_be_hidden_and_shown_again(given: Any) -> None:
    wrapped = hidden(given)

    assert type(wrapped) is Hidden
    assert TEXT not in f"{wrapped!r} {wrapped}"
    assert shown(wrapped) is given
    assert shown(hidden(wrapped)) is given


@pytest.mark.parametrize("given", [SECRET, LlmLayer(), None, 5, "text"])
def test_what_hides_its_own_secrets_is_not_wrapped(given: Any) -> None:
    assert hidden(given) is given
    assert shown(given) is given


@pytest.mark.parametrize(
    "name",
    ["api_key", "X-API-Key", "openai_api_key", "apiKey", "token", "access_token", "Authorization", "client-secret"],
)
def test_credentials_are_known_by_their_names(name: str) -> None:
    assert is_credential(name)


@pytest.mark.parametrize("name", ["max_tokens", "tokens", "keyboard", "key", "secretary", "", 5, None])
def test_other_names_are_no_credentials(name: object) -> None:
    assert not is_credential(name)


@pytest.mark.parametrize("name", ["api_key", "x-api-key", "meeting_token", "clientSecret", "headers", "Authorization"])
def test_what_stands_under_the_name_of_a_credential_is_secret(name: str) -> None:
    assert holds_secrets(name)


@pytest.mark.parametrize("name", ["persona_name", "max_tokens", "tokenizer", "header", 1, None])
def test_what_stands_under_another_name_is_no_secret(name: object) -> None:
    assert not holds_secrets(name)
