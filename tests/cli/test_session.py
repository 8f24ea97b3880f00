"""The options that describe a session."""

import argparse
import io
import sys
from pathlib import Path

import pytest

from tavus_async.cli.command import Parser
from tavus_async.cli.exits import UsageError
from tavus_async.cli.session import add_session_options, make_session, read_key


def parse(*args: str) -> argparse.Namespace:
    parser = Parser(prog="test")
    add_session_options(parser)
    return parser.parse_args(args)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TAVUS_API_KEY", "key-of-the-environment")
    return "key-of-the-environment"


def test_no_key_is_wrong_usage_that_says_what_to_set() -> None:
    with pytest.raises(UsageError, match="TAVUS_API_KEY is not set"):
        make_session(parse())


def test_a_key_that_is_empty_is_not_called_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", " \n")

    with pytest.raises(UsageError, match="TAVUS_API_KEY is empty"):
        make_session(parse())


def test_what_is_wrong_with_a_key_is_told_with_where_it_is_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", '"sk-1"')
    with pytest.raises(UsageError, match=r"^the API key from TAVUS_API_KEY is in quotation marks: "):
        make_session(parse())

    file = tmp_path / "key"
    file.write_text("sk-1\nsk-2\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^the API key from the file of --api-key-file has a line break in it "):
        make_session(parse("--api-key-file", str(file)))


def test_what_is_wrong_with_an_address_is_told_with_where_it_is_from(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^the base URL from --base-url must begin with https"):
        make_session(parse("--base-url", "x"))
    monkeypatch.setenv("TAVUS_BASE_URL", "x")
    with pytest.raises(UsageError, match=r"^the base URL from TAVUS_BASE_URL must begin with https"):
        make_session(parse())


def test_the_environment_has_the_key(key: str) -> None:
    assert read_key(None)[0] == key


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00"])
def test_a_file_without_a_key_is_wrong_usage(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sk-looks-like-a-key"
    file.write_bytes(content)

    with pytest.raises(UsageError) as caught:
        read_key(str(file))

    assert "sk-looks" not in str(caught.value)


@pytest.mark.parametrize("path", ["no/such/file", ".", "nul\0byte"])
def test_a_file_that_cannot_be_read_is_wrong_usage(path: str) -> None:
    with pytest.raises(UsageError, match="cannot read the file of --api-key-file: "):
        read_key(path)


def test_a_closed_stdin_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(UsageError, match="cannot read stdin: it is closed"):
        read_key("-")


def test_a_person_at_a_terminal_is_asked_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "typed-key")

    assert read_key("-") == ("typed-key", "stdin")


@pytest.mark.parametrize("url", ["tavusapi.com", "http://tavusapi.com", ""])
def test_a_base_url_that_cannot_work_is_wrong_usage(key: str, url: str) -> None:
    with pytest.raises(UsageError, match=r"https|host"):
        make_session(parse("--base-url", url))


def test_plain_http_is_refused_in_words_of_the_command_line(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_session(parse("--base-url", "http://sandbox.test:8787"))

    assert "--allow-http sandbox.test if you mean it" in str(caught.value)
    assert "Pool" not in str(caught.value)


def test_plain_http_is_spoken_to_a_host_that_is_named(key: str) -> None:
    session = make_session(parse("--base-url", "http://sandbox.test:8787", "--allow-http", "Sandbox.test"))

    assert "http://sandbox.test:8787 " in repr(session)


def test_a_key_that_cannot_be_sent_is_wrong_usage_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "two words")

    with pytest.raises(UsageError) as caught:
        make_session(parse())

    assert "two words" not in str(caught.value)


def test_somebody_at_a_terminal_is_asked_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("not this"))
    monkeypatch.setattr("getpass.getpass", {"API key: ": "sk-typed"}.__getitem__)

    assert read_key("-")[0] == "sk-typed"


def test_somebody_who_ends_the_input_has_given_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(_prompt: str) -> str:
        raise EOFError

    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("getpass.getpass", end)

    with pytest.raises(UsageError, match="no API key: stdin is empty"):
        read_key("-")


def test_the_options_make_the_session(key: str) -> None:
    options = parse("--rate", "3", "--burst", "4", "--base-url", "http://127.0.0.1:9/v2")
    session = make_session(options)

    assert (session.stats().rate, session.stats().tokens) == (3, 4)
    assert "http://127.0.0.1:9 " in repr(session)


def test_without_options_the_session_is_as_the_library_makes_it(key: str) -> None:
    assert make_session(parse()).stats().rate == 10
