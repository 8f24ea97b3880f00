"""The program as a whole: help, version, exit codes, and outputs that go away."""

import asyncio
import importlib.metadata
import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tavus_async import cli
from tavus_async.cli import main
from tavus_async.cli.command import Group
from tavus_async.cli.program import COMMANDS
from tavus_async.cli.resources import own_verbs
from tavus_async.cli.signals import ENDING_SIGNALS
from tavus_async.sandbox import Faults, Sandbox
from tests.support.elsewhere import sandbox_elsewhere
from tests.support.signalled import signal_when
from tests.support.streams import stdout_without_reader

Run = Callable[..., Awaitable[Any]]

GROUPS = {name: entry for entry in COMMANDS if isinstance(entry, Group) for name in (entry.name, *entry.aliases)}
PATHS = [
    *(f"{group.name} {command.name}" for group in COMMANDS if isinstance(group, Group) for command in group.commands),
    *(command.name for command in COMMANDS if not isinstance(command, Group)),
]
# The commands that resources have without a line of their own here.
DERIVED = [
    f"{group.name} {verb}"
    for group in COMMANDS
    if isinstance(group, Group)
    for verb in group.verbs
    if verb not in own_verbs(group.name)
]

WITHOUT_RICH = """
import sys
sys.modules["rich"] = None
from tavus_async import cli
from tavus_async.cli import main
for words in sys.argv[1:]:
    print(words, main(words.split()), sep=": ", file=sys.stderr)
"""


def test_the_version_is_the_installed_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tavus-async {importlib.metadata.version('tavus-async')}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    out = " ".join(capsys.readouterr().out.split())
    assert all(command.summary in out for command in COMMANDS)


def test_a_group_alone_is_wrong_usage_and_shows_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for name, group in GROUPS.items():
        assert main([name]) == 2

        out, err = capsys.readouterr()
        assert out == ""
        told = " ".join(err.split())
        assert all(command.summary in told for command in group.commands)


@pytest.mark.parametrize("command", PATHS)
def test_a_commands_help_has_an_example_and_fits_a_narrow_terminal(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    assert main([*command.split(), "--help"]) == 0

    out = capsys.readouterr().out
    prose, _, example = out.partition("\nexample")
    assert f"tavus-async {command}" in example
    assert all(line.startswith("  ") for line in example.splitlines()[1:])
    assert "default" in prose
    assert max(len(line) for line in prose.splitlines()) <= 64
    assert out.isascii()


def test_it_comes_in_by_the_public_door() -> None:
    folder = Path(cli.__file__).parent
    texts = {path.relative_to(folder): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}

    assert len(texts) > 30
    assert [str(path) for path, text in texts.items() if re.search(r"tavus_async\.(_[a-z]|resources)", text)] == []


def test_no_command_is_wrong_usage_and_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: tavus-async" in err


@pytest.mark.parametrize(
    "args",
    [
        ["no-such-command"],
        ["personas", "get"],
        ["personas", "fetch", "p1"],
        ["personas", "list", "--type", "mine"],
        ["personas", "get", "p1", "--rate", "0"],
        ["personas", "get", "p1", "--rate", "nan"],
        ["personas", "get", "p1", "--burst", "1.5"],
        ["personas", "get", "p1", "--timeout", "-1"],
        ["personas", "get", "p1", "--attempts", "0"],
        ["personas", "get", "p1", "--att", "3"],
        ["personas", "get", "p1", "--no-such-option"],
        ["personas", "create"],
        ["personas", "patch", "p1"],
        ["personas", "edit", "p1"],
        ["personas", "delete", "p1"],
        ["sandbox", "--error", "2"],
        ["sandbox", "--port", "70000"],
        ["sandbox", "--burst", "5"],
        ["sandbox", "--retry-after", "soon"],
        ["sandbox", "--api-key", "two words"],
        ["sandbox", "--host", "0.0.0.0"],  # noqa: S104
        ["sandbox", "--personas", "-1"],
        ["demo", "--personas", "0"],
    ],
)
def test_wrong_usage_is_one_line_on_stderr_and_exit_code_2(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tavus-async: ")
    assert err.count("\n") == 1


def test_the_module_is_the_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["tavus-async", "--version"])
    before = {number: signal.getsignal(number) for number in ENDING_SIGNALS}
    with pytest.raises(SystemExit) as end:
        runpy.run_module("tavus_async", run_name="__main__")
    for number, handler in before.items():
        signal.signal(number, handler)

    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("tavus-async ")


LOADING = """
import builtins, runpy, signal, sys
load, number = builtins.__import__, int(sys.argv.pop())
def import_(name, *more, **named):
    if name == "tavus_async.cli":
        signal.raise_signal(number)
    return load(name, *more, **named)
import tavus_async
builtins.__import__ = import_
runpy.run_module("tavus_async", run_name="__main__")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", ENDING_SIGNALS)
def test_a_signal_while_the_program_is_loaded_ends_it_without_a_traceback(number: signal.Signals) -> None:
    done = subprocess.run([sys.executable, "-c", LOADING, str(int(number))], capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")


async def test_get_loads_neither_rich_nor_a_web_server(sandbox: Sandbox) -> None:
    code = "import sys; from tavus_async.cli import main; main(['personas', 'get', 'p5317866']); "
    code += "print(*(name for name in ('rich', 'aiohttp.web', 'tavus_async.sandbox') if name in sys.modules))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()

    assert out.decode().splitlines()[-2:] == ["}", ""]


async def test_without_rich_only_what_needs_it_fails(sandbox: Sandbox) -> None:
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-c",
            WITHOUT_RICH,
            "personas get p5317866",
            "personas list --limit 1",
            "personas get p5317866 --pretty",
            "demo",
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()

    assert err.decode().splitlines() == [
        "personas get p5317866: 0",
        "personas list --limit 1: 0",
        "tavus-async: --pretty needs rich: pip install 'tavus-async[cli]'",
        "personas get p5317866 --pretty: 2",
        "tavus-async: the demo needs rich: pip install 'tavus-async[cli]'",
        "demo: 2",
    ]


@pytest.mark.skipif(os.name != "posix", reason="a shell's pipes")
async def test_a_reader_that_goes_away_ends_it_quietly(sandbox: Sandbox) -> None:
    command = f"{sys.executable} -m tavus_async personas get {' '.join(sandbox.persona_ids)} | head -c 10"
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"set -o pipefail; {command}"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()

    assert (process.returncode, out, err) == (141, b'{"persona_', b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["--version"]) == 1

        # What could not be written is not tried once more.
        full.flush()
    assert capsys.readouterr().err == "tavus-async: cannot write to stdout: No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="a pipe's end")
def test_a_reader_that_has_gone_away_is_exit_code_141(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with stdout_without_reader(monkeypatch) as pipe:
        assert main(["--version"]) == 141

        pipe.flush()
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="a pipe's end")
async def test_what_is_coloured_for_a_reader_that_has_gone_is_exit_code_141(
    call: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with stdout_without_reader(monkeypatch):
        done = await call("personas", "get", "p5317866", "--pretty")

    assert (done.code, done.err) == (141, "")


@pytest.mark.parametrize("words", ["--help", "personas get --help", "--version"])
def test_help_without_stdout_fails_in_one_line(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(words.split()) == 1
    assert capsys.readouterr().err == "tavus-async: cannot write to stdout: it is closed\n"

    monkeypatch.setattr(sys, "stderr", None)
    assert main(words.split()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "personas get p1 BAD",
        "personas get p1 --base-url BAD",
        "personas delete BAD --yes",
        "personas fetch -o - BAD",
        "personas patch p1 --add /greeting BAD",
        "personas patch p1 --add BAD 1",
        "personas edit BAD --yes",
        "conversations create --persona p1 --name BAD",
        "conversations create --persona p1 --document BAD",
        "conversations end --name-prefix BAD --yes",
        "conversations say c1 BAD",
        "api GET /v2/BAD",
        "api GET /v2 --query a=BAD",
        "api POST /v2 --data BAD",
        "sandbox --host BAD",
        "sandbox --reply BAD",
        "webhooks listen --path BAD",
    ],
)
def test_an_argument_that_is_no_text_is_wrong_usage(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "test-key-0123")
    monkeypatch.setenv("TAVUS_BASE_URL", "http://127.0.0.1:1")

    assert main([word.replace("BAD", "x\udcff") for word in words.split()]) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "must be text in UTF-8 (see tavus-async " in err


@pytest.mark.parametrize("words", ["get", "delete --yes", "edit --yes", "patch --remove /a --yes"])
def test_an_option_with_a_space_in_it_is_taken_for_no_id(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "test-key-0123")

    assert main(["personas", *words.split(), "--api-kee=sk 1"]) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "must be an id, and begins as an option does" in err
    assert "sk 1" not in err


@pytest.mark.skipif(os.name != "posix", reason="names of files that are no text")
@pytest.mark.parametrize("words", ["personas create FILE", "conversations create FILE"])
async def test_the_name_of_a_file_need_not_be_text(
    words: str, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x\udcff.json"
    file.write_text('{"persona_id": "p5317866", "persona_name": "A", "system_prompt": "x"}', encoding="utf-8")

    assert await asyncio.to_thread(main, words.replace("FILE", str(file)).split()) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("words", ["--help", "personas --help", "personas get --help"])
def test_help_that_cannot_be_written_is_a_failure(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8", buffering=1) as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(words.split()) == 1

    assert capsys.readouterr().err == "tavus-async: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize(
    "words",
    [
        "personas create",
        "personas create - --api-key-file -",
        "personas get",
        "personas list --no-such",
        "personas fetch -o x",
        "personas fetch -o - p1 --resume",
        "personas patch p1",
        "personas patch p1 --remove /a",
        "personas edit p1",
        "personas delete p1",
        "pals get p1 --prety",
        "conversations create",
        "conversations create - --api-key-file -",
        "conversations get --verbos c1",
        "conversations list --status over",
        "conversations end",
        "conversations end c1 --all",
        "conversations transcript",
        "conversations say c1",
        "conversations say c1 --echo",
        "conversations delete c1",
        "webhooks listen --path x",
        "webhooks listen --public-url x",
        "webhooks listen --public-url=",
        "webhooks listen --no-secret --host 0.0.0.0",
        "api GET /v2 --data 1",
        "api GET https://x",
        "sandbox --burst 5",
        "sandbox --seed x",
        "demo --personas 0",
        "videos render",
        "videos render drafts.jsonl",
        "videos render - -o out --api-key-file -",
        "videos render drafts.jsonl -o out --downloads 0",
        "documents add",
        "documents add - --api-key-file -",
        "documents add urls.txt --tags ,",
        "documents patch d1",
        "documents patch d1 name",
        "documents patch d1 - --api-key-file -",
        "voices wait",
        *(f"{path} --no-such-option" for path in DERIVED),
    ],
)
def test_wrong_use_is_one_line_that_points_to_the_help_of_that_very_command(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "test-key-0123")
    first, *others = words.split()
    command = first if first in {"api", "sandbox", "demo"} else f"{first} {others[0]}"

    assert main([first, *others]) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.endswith(f" (see tavus-async {command} --help)\n")


def test_every_command_is_used_wrongly_once() -> None:
    marks = test_wrong_use_is_one_line_that_points_to_the_help_of_that_very_command.pytestmark  # type: ignore[attr-defined]

    assert {" ".join(words.split()[:number]) for words in marks[0].args[1] for number in (1, 2)} >= set(PATHS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("personas create FILE", "a persona may have been created; look: tavus-async personas list --type user"),
        (
            "conversations create --persona p5317866",
            "a conversation may have been created; look: tavus-async conversations list --status active",
        ),
        ("personas patch p5317866 --add /greeting Hi", "p5317866 may have been changed"),
        ("personas delete p5317866 p2 --yes", "may be deleted too: p5317866, p2"),
        ("conversations end c1 c2 --yes", "may have ended too: c1, c2"),
        ("api POST /v2/personas --data {}", "the POST may have happened"),
    ],
)
def test_a_signal_leaves_no_doubt_about_what_is_in_doubt(
    words: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ann.json"
    file.write_text('{"persona_name": "Ann", "system_prompt": "x"}', encoding="utf-8")
    with sandbox_elsewhere(personas=1, faults=Faults(stall=1)) as sandbox:
        monkeypatch.setenv("TAVUS_BASE_URL", sandbox.url)
        monkeypatch.setenv("TAVUS_API_KEY", sandbox.api_key)
        with signal_when(signal.SIGINT, lambda: sandbox.stats().in_flight >= 1):
            assert main(words.replace("FILE", str(file)).split()) == 130

    assert capsys.readouterr() == ("", f"tavus-async: {told}\ntavus-async: interrupted\n")


@pytest.mark.parametrize(
    "arguments",
    [
        "personas get KEY",
        "personas get p1 --timeout KEY",
        "personas list --limit KEY",
        "personas list --type KEY",
        "personas list --KEY",
        "conversations end --older-than KEY",
        "api KEY /v2/x",
        "api GET KEY",
        "KEY",
    ],
)
def test_no_message_quotes_the_api_key(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "sk-7d41c0ffee9b"
    monkeypatch.setenv("TAVUS_API_KEY", key)
    monkeypatch.setenv("TAVUS_BASE_URL", "http://127.0.0.1:9")

    assert main(arguments.replace("KEY", key).split()) != 0
    assert key not in capsys.readouterr().err.lower()
