"""`tavus-async personas get`, against a sandbox."""

import asyncio
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async.cli import main
from tavus_async.sandbox import Answer, Faults, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when

Run = Callable[..., Awaitable[Any]]
STOCK = "p5317866"


async def test_one_id_is_one_indented_document(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "get", STOCK)

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["persona_id"] == STOCK
    assert done.out.startswith('{\n  "persona_')
    assert done.out.endswith("\n}\n")


async def test_the_id_and_the_name_come_first(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([Answer(body=b'{"new_field": 1, "pal_name": "Ann", "layers": {}, "pal_id": "p1"}')])

    done = await call("personas", "get", "p1")

    assert list(json.loads(done.out)) == ["pal_id", "pal_name", "new_field", "layers"]


async def test_several_ids_are_one_document_a_line_in_their_order(call: Run, sandbox: Sandbox) -> None:
    ids = [*reversed(sandbox.persona_ids), STOCK]

    done = await call("personas", "get", *ids, "--rate", "500")

    assert (done.code, done.err) == (0, "")
    assert [json.loads(line)["persona_id"] for line in done.out.splitlines()] == ids
    assert sandbox.stats().total == len(set(ids))


async def test_several_ids_are_fetched_at_once(call: Run, sandbox: Sandbox) -> None:
    async with Sandbox(personas=5, faults=Faults(latency=0.1)) as slow:
        done = await call("personas", "get", *slow.persona_ids, "--base-url", slow.url)

        assert done.code == 0
        assert slow.stats().peak_concurrency == 5


async def test_a_failed_id_is_one_line_on_stderr_and_the_others_go_on(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "get", "p-none", STOCK, "", "..")

    assert done.code == 3
    assert [json.loads(line)["persona_id"] for line in done.out.splitlines()] == [STOCK]
    first, second, third = done.err.splitlines()
    assert first.startswith("tavus-async: p-none: GET /v2/personas/p-none was answered 400: Invalid persona_id")
    assert second == "tavus-async: '': the id is empty"
    assert third.startswith("tavus-async: ..: ")


async def test_where_all_ids_fail_the_exit_code_is_1(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "get", "p-none", "p-nope")

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 2)


async def test_a_servers_words_stay_on_one_line(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([Answer(status=400, body=json.dumps({"message": "no\nreally\x1b[31m no"}).encode())])

    done = await call("personas", "get", STOCK)

    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err


async def test_a_refused_key_is_said_once(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong-key")

    done = await call("personas", "get", *sandbox.persona_ids)

    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "401" in done.err
    assert "wrong-key" not in done.err


async def test_secrets_are_in_the_data_and_not_in_the_view(call: Run, sandbox: Sandbox) -> None:
    llm = {"model": "own", "api_key": "sk-very-secret-1234", "headers": {"X-Auth": "also-secret"}}
    persona_id = sandbox.add({"persona_name": "Keeper", "layers": {"llm": llm}})

    data, view = await call("personas", "get", persona_id), await call("personas", "get", persona_id, "--pretty")

    assert json.loads(data.out)["layers"]["llm"]["headers"] == {"X-Auth": "also-secret"}
    assert view.code == 0
    assert "Keeper" in view.out
    assert "own" in view.out
    assert "secret" not in view.out
    assert "1234" not in view.out


async def test_the_view_separates_personas_by_an_empty_line(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "get", STOCK, "pipecat0", "--pretty")

    assert done.out.startswith("Field Researcher  p5317866\n")
    assert f"\n\n{sandbox.stored('pipecat0')['persona_name']}  pipecat0\n" in done.out


async def test_a_view_that_is_no_terminal_has_no_spaces_at_the_ends_of_lines(call: Run, sandbox: Sandbox) -> None:
    done = await call("personas", "get", STOCK, "--pretty")

    assert [line for line in done.out.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("option", [[], ["--pretty"]])
async def test_a_terminal_without_utf_8_is_served_all_the_same(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    persona_id = sandbox.add({"persona_name": "Zoë 森"})
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))

    done = await call("personas", "get", persona_id, *option)

    assert (done.code, done.err) == (0, "")
    out = written.getvalue().decode("ascii")
    assert ("Zo\\xeb \\u68ee  p" in out) if option else (json.loads(out)["persona_name"] == "Zoë 森")


async def test_an_unpaired_surrogate_is_written_escaped(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([Answer(body=b'{"persona_id": "p1", "persona_name": "\\ud800"}')])

    done = await call("personas", "get", "p1")

    assert json.loads(done.out) == {"persona_id": "p1", "persona_name": "\ud800"}


async def test_what_json_cannot_hold_is_an_error_and_no_traceback(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([Answer(body=b'{"persona_id": "p1", "x": 1e999}')])

    done = await call("personas", "get", "p1", STOCK)

    assert done.code == 3
    assert done.err.startswith("tavus-async: p1: the answer cannot be read: expected JSON at $, got a number")
    assert json.loads(done.out)["persona_id"] == STOCK


async def test_the_key_comes_from_a_file(
    call: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAVUS_API_KEY")
    file = tmp_path / "key"
    file.write_text("\ufeffsandbox-key\r\n", encoding="utf-8")

    done = await call("personas", "get", STOCK, "--api-key-file", str(file))

    assert done.code == 0


async def test_the_key_comes_from_stdin(call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "wrong")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"sandbox-key\n")))

    done = await call("personas", "get", STOCK, "--api-key-file", "-")

    assert (done.code, done.err) == (0, "")


async def test_the_connection_is_as_the_options_say(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([503, 503, 503])

    done = await call("personas", "get", STOCK, "--base-url", f"{sandbox.url}/v2", "--attempts", "1")

    assert done.code == 1
    assert "503" in done.err
    assert sandbox.stats().total == 1


async def test_the_timeout_covers_the_call(call: Run, sandbox: Sandbox) -> None:
    sandbox.script(["stall"])

    done = await call("personas", "get", STOCK, "--timeout", "0.1")

    assert done.code == 1
    assert "0.1 s ran out" in done.err


async def test_the_log_tells_what_is_repeated(call: Run, sandbox: Sandbox) -> None:
    sandbox.script([500])

    done = await call("personas", "get", STOCK, "--log")
    quiet = await call("personas", "get", STOCK)

    assert done.code == 0
    assert "attempt 1 failed" in done.err
    assert sandbox.api_key not in done.err
    assert quiet.err == ""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_that_ends_it_is_one_line_and_its_exit_code(
    number: signal.Signals, code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with sandbox_elsewhere(personas=1, faults=Faults(stall=1)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        before = signal.getsignal(number)
        with signal_when(number, lambda: sandbox.stats().in_flight == 1):
            assert main(["personas", "get", STOCK]) == code

    assert capsys.readouterr() == ("", f"tavus-async: {word}\n")
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("words", ["get p1", "get p1 p2", "delete p1 --yes"])
async def test_a_server_that_cannot_be_reached_is_not_waited_for(
    words: str, call: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "test-key-0123")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("TAVUS_BASE_URL", f"http://127.0.0.1:{port}")
    async with asyncio.timeout(10):
        done = await call("personas", *words.split(), "--attempts", "1")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("tavus-async: p1: cannot connect")
