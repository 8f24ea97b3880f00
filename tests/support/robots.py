"""A resource that Tavus does not have, for tests of what all have in common."""

import json
from collections.abc import Sequence
from typing import Any

import attrs

from tavus_async import Call, Secret
from tavus_async._records.fields import ALIASES, SECRET, SECRETS, named, nested, opaque
from tavus_async._records.record import Record
from tavus_async._records.secrets import make_secret, make_secrets
from tavus_async._wire.resource import Resource


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Lamp(Record):
    brightness: float | None = named("new_brightness")
    key: Secret | None = attrs.field(default=None, converter=make_secret, metadata=SECRET)
    tags: Sequence[str] | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RobotFields(Record):
    robot_name: str | None = named("bot_name")
    headers: Any = attrs.field(default=None, converter=make_secrets, metadata=SECRETS)
    lamp: Lamp = nested(Lamp(wire_names=None))  # noqa: RUF009 (a field specifier)
    parts: Any = opaque()  # noqa: RUF009 (a field specifier)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Robot(RobotFields):
    robot_id: str = attrs.field(metadata={ALIASES: ("bot_id", "r_id")})
    built_at: str | None = None


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RobotDraft(RobotFields):
    _is_draft = True


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BuiltRobot(Record):
    robot_id: str = attrs.field(metadata={ALIASES: ("bot_id",)})


ROBOTS = Resource(path="/v2/test-robots", record=Robot, id_name="robot_id", list_keys=("robots", "bots"), first_page=0)
RENAMED = Resource(path="/v2/robots", renamed_path="/v2/bots", record=Robot, id_name="robot_id")
LONG = "sk-0123456789"


def sent(call: Call[Any], *, renamed: bool = False) -> Any:
    return json.loads(call.spelled(renamed=renamed).body or b"null")


def robot(**body: Any) -> Robot:
    whole = {"robot_id": "r1"} | body
    return ROBOTS.get(whole["robot_id"]).decode(json.dumps(whole).encode())
