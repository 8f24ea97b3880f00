"""Looks for bytes that break a promise, guided by coverage: `python -m tests.fuzz.fuzz TARGET [SECONDS]`.

`make fuzz` runs every target. What breaks one goes into `tests/corpus/TARGET/`, in hexadecimal, where the ordinary
tests try it again for ever after.
"""

import importlib
import sys
import tempfile
from pathlib import Path

# By name: it is an extra, and without types.
atheris = importlib.import_module("atheris")
CORPUS = Path(__file__).resolve().parent.parent / "corpus"

with atheris.instrument_imports(include=["tavus_async", "email", "json"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz one target for so many seconds, 60 unless it is said."""
    name = sys.argv[1]
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    target = TARGETS[name]

    def test(data: bytes) -> None:
        try:
            target(data)
        except BaseException:
            found = CORPUS / name / f"found-{hash(data) & 0xFFFFFFFF:08x}.hex"
            found.write_text(data.hex() + "\n", encoding="ascii")
            raise

    with tempfile.TemporaryDirectory() as folder:
        for seed in sorted((CORPUS / name).glob("*.hex")):
            (Path(folder) / seed.stem).write_bytes(bytes.fromhex(seed.read_text(encoding="ascii")))
        atheris.Setup(
            [sys.argv[0], folder, f"-max_total_time={seconds}", "-max_len=4096", f"-artifact_prefix={folder}/"], test
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
