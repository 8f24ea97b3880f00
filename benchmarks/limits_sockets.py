"""The scenarios over real sockets: each server and each session in a process of its own.

python -m benchmarks.limits_sockets                       # all, some side by side
python -m benchmarks.limits_sockets seventh job --seconds 20
"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.limits_scenarios import SCENARIOS, SECONDS, Scenario
from benchmarks.limits_server import SEED
from benchmarks.limits_statistics import Outcome, outcome_of
from benchmarks.server import ROOT

# Scenarios that run at the same time: each takes some hundredths of a core.
AT_ONCE = 7
# The same of jobs: they are short, and a session that waits for the processor meets others than it would.
JOBS_AT_ONCE = 2
# Seconds after which a session is held to hang: a job may take so many times the ideal.
LONGEST = 300.0


@contextlib.contextmanager
def serving(name: str) -> Iterator[str]:
    """Run a scenario's server beside this process, and give its base URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.limits_server", name], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield f"http://127.0.0.1:{first_line(process)}"
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a program writes."""
    assert process.stdout is not None  # noqa: S101 (for the type checker)
    return process.stdout.readline().strip()


@contextlib.contextmanager
def session(name: str, url: str, key: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Run a session beside this process, which is ready to begin."""
    command = [sys.executable, "-m", "benchmarks.limits_session", name, url, key, str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            if first_line(process) != "ready":
                raise RuntimeError("the session did not start")
            yield process
        finally:
            process.kill()


def tally(url: str) -> dict[str, Any]:
    """Ask the server what it has counted."""
    with urllib.request.urlopen(f"{url}/tally") as reply:  # noqa: S310 (our own server)
        counted: dict[str, Any] = json.load(reply)
    return counted


def measure(name: str, seconds: float) -> Outcome:
    """Let a scenario's sessions loose on its server."""
    scenario = SCENARIOS[name]
    keys = [f"key-{number}" for number in range(scenario.clients)]
    with serving(name) as url, contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(session(name, url, key, seconds)) for key in keys]
        for each in sessions:
            assert each.stdin is not None  # noqa: S101 (for the type checker)
            each.stdin.write("go\n")
            each.stdin.flush()
        said = [json.loads(each.communicate(timeout=LONGEST)[0]) for each in sessions]
        counted = tally(url)
    return judge(scenario, [counted[key] for key in keys], sum(each["lost"] for each in said), seconds)


def judge(scenario: Scenario, counted: Sequence[Mapping[str, Any]], lost: int, seconds: float) -> Outcome:
    """Return what the server's counts amount to."""
    case = scenario.draw(random.Random(SEED))
    return outcome_of(
        [[at for at in each["reads"] if scenario.job or at <= seconds] for each in counted],
        case.could,
        seconds,
        job=scenario.job,
        refused=sum(each["refused"] for each in counted),
        lost=lost,
    )


def measure_all(
    names: Sequence[str], seconds: float, *, at_once: int = AT_ONCE, is_repeated: bool = True
) -> dict[str, list[Outcome]]:
    """Measure scenarios, some side by side, and as often as each of them says."""
    found: dict[str, list[Outcome]] = {name: [] for name in names}
    rounds = [name for name in names for _ in range(SCENARIOS[name].runs if is_repeated else 1)]
    jobs = [name for name in rounds if SCENARIOS[name].job]
    backlogs = [name for name in rounds if not SCENARIOS[name].job]
    for some, most in ((jobs, min(at_once, JOBS_AT_ONCE)), (backlogs, at_once)):
        with ThreadPoolExecutor(most) as threads:
            for name, outcome in zip(some, threads.map(lambda name: measure(name, seconds), some), strict=True):
                found[name].append(outcome)
    return found


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="limits_sockets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENARIOS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SCENARIOS]
    if unknown:
        parser.error(f"no scenario has this name: {', '.join(unknown)}")
    started = time.monotonic()
    found = measure_all(options.names or list(SCENARIOS), options.seconds, at_once=options.at_once)
    for name, outcomes in found.items():
        for outcome in outcomes:
            goals = ", ".join(goal.tell(outcome) for goal in SCENARIOS[name].goals)
            print(f"{name}: {outcome.tell()}; {goals}")
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
