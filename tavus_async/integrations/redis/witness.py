"""Which members of a fleet have died, as their host shows: the name of each tells its host and its process.

A member that has fallen silent may be cut off from Redis and go on sending, so its share is kept back. But a process
that is gone sends nothing: whoever shares its host and sees that, may say goodbye for it. Only Linux tells enough in
/proc; anywhere else nobody is taken for dead.

Namespaces are part of the host, since a process has another number in each.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import attrs

PROC = Path("/proc")
# The host; the process and when it has begun; and one of the process's own members.
MEMBER_NAME = re.compile(r"(?P<host>[0-9a-f]{16})\.(?P<pid>[1-9][0-9]*)\.(?P<started>[0-9]+)\.[0-9a-f]+")
# Of what follows the program's name in a process's stat.
STATE, THREADS, STARTED = 0, 17, 19
ENDED_STATES = "ZX"


@attrs.frozen
class ProcessStat:
    """What Linux tells of a process."""

    started: int
    """In clock ticks since the host was started."""
    has_ended: bool
    """Whether nothing of it runs any more, though its parent has not asked for its result."""


def read_stat(text: str) -> ProcessStat:
    """Return what a `stat` file of /proc says; raises ValueError for any other text."""
    # The name of the program, in parentheses, may hold anything.
    fields = text.rpartition(")")[2].split()
    if len(fields) <= STARTED:
        raise ValueError("this is no stat of a process")
    # While other threads run, a first one that has ended looks like an ended process.
    has_ended = fields[STATE] in ENDED_STATES and int(fields[THREADS]) <= 1
    return ProcessStat(int(fields[STARTED]), has_ended)


class Witness:
    """Gives a member of this process its name, and tells of others whether they have died."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._host = ""
        self.name = uuid4().hex
        """A name that no other member has."""
        try:
            stat = read_stat((proc / "self" / "stat").read_text(encoding="utf-8", errors="replace"))
            self._host = read_host(proc)
        except (OSError, ValueError):
            return
        self.name = f"{self._host}.{os.getpid()}.{stat.started}.{self.name}"

    def has_died(self, name: str) -> bool:
        """Return whether the member of that name was in a process of this host that is gone; False where in doubt."""
        found = MEMBER_NAME.fullmatch(name)
        if found is None or not self._host or found["host"] != self._host:
            return False
        pid = found["pid"]
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:
            pass  # It is there, and another user's.
        try:
            stat = read_stat((self._proc / pid / "stat").read_text(encoding="utf-8", errors="replace"))
        except (OSError, ValueError):
            return False
        return stat.has_ended or stat.started != int(found["started"])


def read_host(proc: Path) -> str:
    """Return what tells this host and its namespaces from all others; raises OSError where that is unknown."""
    if str((proc / "self").readlink()) != str(os.getpid()):
        raise ProcessLookupError("this /proc is of another namespace")
    parts = [
        (proc / "sys" / "kernel" / "random" / "boot_id").read_text(encoding="ascii"),
        str((proc / "self" / "ns" / "pid").readlink()),
        os.uname().nodename,
    ]
    # In another one of time, processes have begun at other times.
    if (time := proc / "self" / "ns" / "time").is_symlink():
        parts.append(str(time.readlink()))
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
