"""Programs of pages, run in an interpreter of their own, which must not warn of anything."""

import asyncio
import sys
from pathlib import Path

from tests.support.documents import ROOT

# All in one interpreter, each in a thread: that costs a tenth of an interpreter for each.
TOGETHER = """
import concurrent.futures, functools, io, json, sys
import tavus_async.sandbox

def run(program):
    output = io.StringIO()
    exec(program, {"__name__": "__main__", "print": functools.partial(print, file=output)})
    return output.getvalue()

programs = json.load(sys.stdin)
with concurrent.futures.ThreadPoolExecutor(len(programs)) as threads:
    print(json.dumps(list(threads.map(run, programs))))
"""


async def run_program(program: str, given: str = "", *, folder: Path = ROOT) -> str:
    """What a program prints, that is *given* this and neither fails nor warns of anything, in a folder."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", program),
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(given.encode())

    assert (process.returncode, errors.decode()) == (0, "")
    return output.decode()
