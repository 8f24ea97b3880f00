"""A language server, asked what an editor asks it: what could stand at the cursor, and what it says of a name."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

COMMAND = shutil.which("basedpyright-langserver", path=Path(sys.executable).parent)


class LanguageServer:
    """Pyright over its standard streams; it ends when its input does."""

    def __init__(self, folder: Path, import_from: Path) -> None:
        assert COMMAND is not None
        self._settings = {
            "python": {"pythonPath": sys.executable},
            # What could be imported is found in all that is installed, which takes longer than everything else.
            "basedpyright": {"analysis": {"extraPaths": [str(import_from)], "autoImportCompletions": False}},
        }
        self._document = (folder / "written.py").as_uri()
        self._sent = 0
        self._process = subprocess.Popen(
            [COMMAND, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        root = folder.as_uri()
        self._ask(
            "initialize",
            processId=None,
            rootUri=root,
            workspaceFolders=[{"uri": root, "name": folder.name}],
            capabilities={"workspace": {"configuration": True}},
        )
        self._send(method="initialized", params={})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # Leaving closes the streams, then waits.
        with self._process:
            pass

    def completions(self, source: str) -> list[str]:
        """What it offers at the cursor, which is `|` in *source*."""
        answer = self._ask_at("textDocument/completion", source)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return [item["label"] for item in items]

    def hover(self, source: str) -> str:
        """What it says of the name at the cursor, which is `|` in *source*."""
        answer = self._ask_at("textDocument/hover", source)
        return str(answer["contents"]) if answer else ""

    def _ask_at(self, method: str, source: str) -> Any:
        before, after = source.split("|")
        document = {"uri": self._document, "languageId": "python", "version": 1, "text": before + after}
        self._send(method="textDocument/didOpen", params={"textDocument": document})
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        answer = self._ask(method, textDocument=document, position=position)
        self._send(method="textDocument/didClose", params={"textDocument": document})
        return answer

    def _ask(self, method: str, **params: Any) -> Any:
        self._sent += 1
        self._send(id=self._sent, method=method, params=params)
        while True:
            message = self._receive()
            if "method" not in message and message["id"] == self._sent:
                assert "error" not in message, message
                return message["result"]
            if "method" in message and "id" in message:
                self._send(id=message["id"], result=self._answer(message))

    def _answer(self, question: dict[str, Any]) -> Any:
        if question["method"] != "workspace/configuration":
            return None
        return [self._settings.get(item["section"]) for item in question["params"]["items"]]

    def _send(self, **message: Any) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
