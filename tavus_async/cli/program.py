"""All commands of the program: those of each resource, behind its name, and those that stand alone."""

import pkgutil
from collections.abc import Iterator
from functools import partial
from types import MappingProxyType
from typing import Final

from tavus_async.cli import nouns
from tavus_async.cli.command import Command, Group
from tavus_async.cli.commands.act import make_action
from tavus_async.cli.commands.api import API
from tavus_async.cli.commands.create import make_create
from tavus_async.cli.commands.delete import make_delete
from tavus_async.cli.commands.demo import DEMO
from tavus_async.cli.commands.edit import make_edit
from tavus_async.cli.commands.get import make_get
from tavus_async.cli.commands.list import make_list
from tavus_async.cli.commands.patch import make_patch
from tavus_async.cli.commands.sandbox import SANDBOX
from tavus_async.cli.commands.wait import make_wait
from tavus_async.cli.discovery import FoundResource, find_resources
from tavus_async.cli.resources import find_module, find_view, make_noun, own_command, own_verbs

# What makes the commands that all resources have, in the order in which help shows them.
MAKERS: Final = MappingProxyType(
    {
        "create": make_create,
        "get": make_get,
        "list": make_list,
        "patch": make_patch,
        "edit": make_edit,
        "wait": make_wait,
        "delete": make_delete,
    }
)
# After which of them a resource's own commands stand.
BEFORE_OWN: Final = ("create", "get", "list")


def make_group(resource: FoundResource) -> Group:
    """Return the commands of a resource: those that all have, and those of its own."""
    there = resource.verbs()
    alike = [verb for verb in MAKERS if verb in there]
    own = sorted({*own_verbs(resource.name), *resource.actions()})
    return Group(
        name=resource.name,
        aliases=find_view(resource.name).aliases,
        verbs=(
            *(verb for verb in alike if verb in BEFORE_OWN),
            *(verb for verb in own if verb not in alike),
            *(verb for verb in alike if verb not in BEFORE_OWN),
        ),
        describe=lambda: make_noun(resource).what,
        make_commands=partial(make_commands, resource),
    )


def make_commands(resource: FoundResource) -> Iterator[Command]:
    """Yield the commands of a resource."""
    noun, own = make_noun(resource), tuple(own_verbs(resource.name))
    for verb in make_group(resource).verbs:
        if verb in own:
            yield own_command(resource.name, verb)
        else:
            yield MAKERS[verb](noun) if verb in MAKERS else make_action(noun, verb)


def find_groups() -> Iterator[Group]:
    """Yield the groups of all resources, and of what `nouns` has commands for that is none."""
    resources = list(find_resources())
    yield from map(make_group, resources)
    known = {resource.many for resource in resources}
    for found in pkgutil.iter_modules(nouns.__path__):
        own = tuple(own_verbs(found.name))
        if own and found.name not in known:
            yield Group(
                name=found.name,
                verbs=own,
                describe=partial(described, found.name),
                make_commands=partial(map, partial(own_command, found.name), own),
            )


def described(name: str) -> str:
    """Say what a module in `nouns` is about."""
    return getattr(find_module(name), "__doc__", None) or ""


COMMANDS: Final[tuple[Command | Group, ...]] = (*find_groups(), API, SANDBOX, DEMO)
