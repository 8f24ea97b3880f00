"""All commands of the program."""

import pkgutil
from typing import Any

import attrs
import pytest

import tavus_async.resources
from tavus_async import Call
from tavus_async.cli.command import Command, Group
from tavus_async.cli.nouns.personas import PERSONA
from tavus_async.cli.program import COMMANDS, make_group

RESOURCES = sorted(found.name for found in pkgutil.iter_modules(tavus_async.resources.__path__) if found.ispkg)
GROUPS = {entry.name: entry for entry in COMMANDS if isinstance(entry, Group)}


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_has_its_commands(resource: str) -> None:
    verbs = {command.name for command in GROUPS[resource.replace("_", "-")].commands}

    assert {"create", "get", "list", "delete"} <= verbs


def test_no_two_commands_of_a_group_have_one_name() -> None:
    names = {name: [command.name for command in group.commands] for name, group in GROUPS.items()}

    assert {name: found for name, found in names.items() if len(set(found)) < len(found)} == {}


def test_every_command_has_examples_that_begin_with_it_somewhere() -> None:
    paths: dict[str, Command] = {
        f"{group.name} {each.name}": each for group in GROUPS.values() for each in group.commands
    }
    paths |= {entry.name: entry for entry in COMMANDS if isinstance(entry, Command)}

    assert [
        path for path, each in paths.items() if not any(f"tavus-async {path}" in line for line in each.examples)
    ] == []


def test_another_resource_needs_a_noun_and_nothing_else() -> None:
    def get(item_id: str) -> Call[Any]:
        return Call.json("GET", f"/v2/videos/{item_id}")

    video = attrs.evolve(PERSONA, name="videos", singular="video", aliases=(), example="v1", get=get)
    group = make_group(video)

    assert [command.name for command in group.commands] == ["create", "get", "list", "delete"]
    assert group.commands[1].summary == "print videos"
    assert "tavus-async videos get v1" in group.commands[1].epilog
