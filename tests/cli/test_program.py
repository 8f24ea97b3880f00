"""All commands of the program."""

import pkgutil

import pytest

import tavus_async.resources
from tavus_async.cli.command import Command, Group
from tavus_async.cli.program import COMMANDS

RESOURCES = sorted(found.name for found in pkgutil.iter_modules(tavus_async.resources.__path__) if found.ispkg)
GROUPS = {entry.name: entry for entry in COMMANDS if isinstance(entry, Group)}


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_resource_has_its_commands(resource: str) -> None:
    names = {name: set(group.verbs) for group in GROUPS.values() for name in group.names}

    assert {"get", "list"} <= names[resource.replace("_", "-")]


def test_no_two_commands_of_a_group_have_one_name() -> None:
    assert {name: group.verbs for name, group in GROUPS.items() if len(set(group.verbs)) < len(group.verbs)} == {}


def test_the_commands_of_a_group_are_those_that_its_help_names() -> None:
    assert [tuple(each.name for each in group.commands) for group in GROUPS.values()] == [
        group.verbs for group in GROUPS.values()
    ]


def test_every_command_has_examples_that_begin_with_it_somewhere() -> None:
    paths: dict[str, Command] = {
        f"{group.name} {each.name}": each for group in GROUPS.values() for each in group.commands
    }
    paths |= {entry.name: entry for entry in COMMANDS if isinstance(entry, Command)}

    assert [
        path for path, each in paths.items() if not any(f"tavus-async {path}" in line for line in each.examples)
    ] == []
