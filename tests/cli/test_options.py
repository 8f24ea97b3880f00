"""The parser, and the options that describe a session."""

import argparse
import io
import sys
from pathlib import Path

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.main import make_parser
from tavus_async.cli.options import Parser, add_network_options, needing_rich, open_session, read_key


def parse(*args: str) -> argparse.Namespace:
    parser = Parser(prog="test")
    add_network_options(parser)
    return parser.parse_args(args)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TAVUS_API_KEY", "key-of-the-environment")
    return "key-of-the-environment"


@pytest.mark.parametrize("words", ["--api-key sk-1 get p1", "get p1 --api-key sk-1", "get p1 --api-key=sk-1"])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_parser().parse_args(words.split())

    assert "TAVUS_API_KEY" in str(caught.value)
    assert "sk-1" not in str(caught.value)


def test_no_key_is_wrong_usage_that_says_what_to_set() -> None:
    with pytest.raises(UsageError, match="TAVUS_API_KEY is not set"):
        open_session(parse())


def test_the_environment_has_the_key(key: str) -> None:
    assert read_key(None) == key


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

    with pytest.raises(UsageError, match="stdin is closed"):
        read_key("-")


def test_a_person_at_a_terminal_is_asked_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "typed-key")

    assert read_key("-") == "typed-key"


@pytest.mark.parametrize("url", ["tavusapi.com", "http://tavusapi.com", ""])
def test_a_base_url_that_cannot_work_is_wrong_usage(key: str, url: str) -> None:
    with pytest.raises(UsageError, match=r"https|host"):
        open_session(parse("--base-url", url))


def test_plain_http_is_refused_in_words_of_the_command_line(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_session(parse("--base-url", "http://sandbox.test:8787"))

    assert "--allow-http sandbox.test if you mean it" in str(caught.value)
    assert "Pool" not in str(caught.value)


def test_plain_http_is_spoken_to_a_host_that_is_named(key: str) -> None:
    session = open_session(parse("--base-url", "http://sandbox.test:8787", "--allow-http", "Sandbox.test"))

    assert "http://sandbox.test:8787 " in repr(session)


def test_a_key_that_cannot_be_sent_is_wrong_usage_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "two words")

    with pytest.raises(UsageError) as caught:
        open_session(parse())

    assert "two words" not in str(caught.value)


def test_somebody_at_a_terminal_is_asked_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("not this"))
    monkeypatch.setattr("getpass.getpass", {"API key: ": "sk-typed"}.__getitem__)

    assert read_key("-") == "sk-typed"


def test_the_options_make_the_session(key: str) -> None:
    options = parse("--rate", "3", "--burst", "4", "--base-url", "http://127.0.0.1:9/v2")
    session = open_session(options)

    assert (session.stats().rate, session.stats().tokens) == (3, 4)
    assert "http://127.0.0.1:9 " in repr(session)


def test_without_options_the_session_is_as_the_library_makes_it(key: str) -> None:
    assert open_session(parse()).stats().rate == 10


def test_only_the_absence_of_rich_is_explained() -> None:
    with pytest.raises(UsageError, match=r"it needs rich: pip install 'tavus-async\[cli\]'"), needing_rich("it"):
        raise ModuleNotFoundError(name="rich.console")

    with pytest.raises(ModuleNotFoundError), needing_rich("it"):
        raise ModuleNotFoundError(name="richest")
