"""The Lua scripts that run within Redis, and what they are given and answer.

Each is put together of its own text and those before it: `clock.lua` reads the clock, `state.lua` is what all share.
"""

from functools import cache
from hashlib import sha1
from importlib.resources import files

import attrs

from tavus_async.integrations.redis.lessons import Evidence, Stretch
from tavus_async.integrations.redis.slots import Lease, Unused

# Seconds, as if the last slot were from before everything.
NEVER_GRANTED = 1e12

Word = str | int | float
Reply = list[bytes | str | int | None]


@attrs.frozen
class Script:
    """A script, and the name under which Redis keeps it."""

    source: str
    sha: str


def make_script(source: str) -> Script:
    """Return a script with its name."""
    return Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


@attrs.frozen(kw_only=True)
class Scripts:
    """All scripts."""

    lease: Script
    throttled: Script
    learn: Script
    leave: Script


@attrs.frozen
class Keys:
    """Where a limit of that name keeps its state: all in one slot of a cluster."""

    name: str

    @property
    def all(self) -> tuple[str, str, str, str, str]:
        """The keys, and the channel, in the order in which scripts take them."""
        keys = (f"{{{self.name}}}:{key}" for key in ("rate", "members", "wanting", "given"))
        rate, members, wanting, given = keys
        return rate, members, wanting, given, self.channel

    @property
    def rate(self) -> str:
        """The hash with the state of the bucket."""
        return self.all[0]

    @property
    def channel(self) -> str:
        """Where a pause is told."""
        return f"{{{self.name}}}:pause"


@cache
def load_scripts() -> Scripts:
    """Return the scripts, read on the first use."""
    return make_scripts(read_lua("clock"))


def make_scripts(clock: str) -> Scripts:
    """Return the scripts that go by a clock of one's own: Lua that sets `now`."""
    start = clock + read_lua("state")
    return Scripts(**{name: make_script(start + read_lua(name)) for name in ("lease", "throttled", "learn", "leave")})


def read_lua(name: str) -> str:
    """Return the text of one Lua file."""
    return files("tavus_async.integrations.redis").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


@attrs.frozen(kw_only=True)
class Ask:
    """What a member asks for, and tells of itself."""

    per_second: float
    burst: int
    horizon: float
    member: str
    wanted: int
    expected: float = -1.0
    """What it takes Redis's clock to show; -1 if it does not know."""
    patience: float = 1.0
    """Seconds for which it waits for the answer."""
    shift: float = 0.0
    """By how many seconds it has found Redis's clock ahead of what it was."""
    granted_ago: float = NEVER_GRANTED
    """Seconds since its last slot, negative where it lies ahead."""
    was_cut_off: bool = False
    own: int = 0
    """Attempts made on its own share while it was cut off."""
    unused: Unused = attrs.field(factory=Unused)

    def words(self) -> tuple[Word, ...]:
        """Return the arguments of `lease.lua`."""
        return (
            *(repr(self.per_second), self.burst, repr(self.horizon), self.member, self.wanted),
            *(repr(self.expected), repr(self.patience), repr(self.shift), repr(self.granted_ago)),
            *(int(self.was_cut_off), self.own, self.unused.count, repr(self.unused.since), self.unused.epoch),
        )


@attrs.frozen(kw_only=True)
class LeaseAnswer:
    """What `lease.lua` answers."""

    kind: str
    """`slots`; or `pause`, `hold`, and for how many seconds; or `clock`: ask again by the clock that is shown."""
    shown: float
    epoch: int = 0
    rate: float = 0.0
    active: int = 1
    members: int = 1
    seconds: float = 0.0
    silent: tuple[str, ...] = ()
    """Members on the same host that have fallen silent, and that a part is kept back for."""
    tokens: float = 0.0
    lease: Lease | None = None


def read_answer(reply: Reply) -> LeaseAnswer:
    """Return what an answer of `lease.lua` says."""
    kind = text_of_word(reply[0])
    if kind == "clock":
        return LeaseAnswer(kind=kind, shown=number(reply[1]))
    shown, epoch, rate, active, members, seconds = (number(word) for word in reply[1:7])
    given = [number(word) for word in reply[8:]]
    lease, tokens = None, 0.0
    if given:
        count, start, origin, lacks, leak, first, tokens = given
        lease = Lease(
            epoch=int(epoch), first=int(first), count=int(count), start=start, origin=origin, lacks=lacks, rate=leak
        )
    return LeaseAnswer(
        kind=kind,
        shown=shown,
        epoch=int(epoch),
        rate=rate,
        active=int(active),
        members=int(members),
        seconds=seconds,
        silent=tuple(text_of_word(reply[7]).split()),
        tokens=tokens,
        lease=lease,
    )


BEGINNINGS = ("full", "empty", "mark", "older_mark")
EVIDENCE_FIELDS = (
    *(f"before_{name}_{part}" for name in BEGINNINGS for part in ("at", "count")),
    *("last_index", "last_at", "refunded", "refused", "before_rate", "before_burst", "before_learned", "epoch"),
)


def read_evidence(reply: Reply, epoch: int) -> Evidence | None:
    """Return what those fields say of the exhaustion that an epoch began with; None where another has begun since."""
    values = {name: number(word) for name, word in zip(EVIDENCE_FIELDS, reply, strict=True)}
    if values["epoch"] != epoch:
        return None
    stretches: dict[str, Stretch] = {}
    for name in BEGINNINGS:
        begun, count = values[f"before_{name}_at"], values[f"before_{name}_count"]
        if begun > 0:
            admitted = values["last_index"] - values["refunded"] - count - values["refused"]
            held = 0.0 if name == "empty" else values["before_burst"]
            stretches[name] = Stretch(admitted, values["last_at"] - begun, held)
    return Evidence(
        stretches=tuple(stretches.values()),
        since_full=stretches.get("full"),
        refused=int(values["refused"]),
        rate=values["before_rate"],
        is_learned=values["before_learned"] > 0,
    )


def number(word: bytes | str | int | None) -> float:
    """Return a number that Redis has written as a text."""
    return float(word) if word is not None else 0.0


def text_of_word(word: bytes | str | int | None) -> str:
    """Return a text, which is one or bytes, as the client that reads it is set."""
    return word.decode() if isinstance(word, bytes) else str(word)
