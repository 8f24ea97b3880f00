"""All commands of the program: those of each resource, behind its name, and those that stand alone."""

from typing import Any, Final

from tavus_async.cli.command import Command, Group
from tavus_async.cli.commands.api import API
from tavus_async.cli.commands.create import make_create
from tavus_async.cli.commands.delete import make_delete
from tavus_async.cli.commands.demo import DEMO
from tavus_async.cli.commands.edit import EDIT
from tavus_async.cli.commands.end import END
from tavus_async.cli.commands.fetch import FETCH
from tavus_async.cli.commands.get import make_get
from tavus_async.cli.commands.list import make_list
from tavus_async.cli.commands.listen import LISTEN
from tavus_async.cli.commands.open_conversation import OPEN_CONVERSATION
from tavus_async.cli.commands.patch import PATCH
from tavus_async.cli.commands.sandbox import SANDBOX
from tavus_async.cli.commands.say import SAY
from tavus_async.cli.commands.transcript import READ_TRANSCRIPT
from tavus_async.cli.noun import Noun
from tavus_async.cli.nouns.conversations import CONVERSATION
from tavus_async.cli.nouns.personas import PERSONA


def make_group(noun: Noun[Any], *others: Command, create: Command | None = None) -> Group:
    """Return the commands of a resource: those that all have, and *others* of its own."""
    alike = (create or make_create(noun), make_get(noun), make_list(noun))
    return Group(
        name=noun.name,
        aliases=noun.aliases,
        what=noun.what,
        commands=(*alike, *others, make_delete(noun)),
    )


COMMANDS: Final[tuple[Command | Group, ...]] = (
    make_group(PERSONA, FETCH, PATCH, EDIT),
    make_group(CONVERSATION, END, READ_TRANSCRIPT, SAY, create=OPEN_CONVERSATION),
    Group(name="webhooks", what="What Tavus tells by webhook.", commands=(LISTEN,)),
    API,
    SANDBOX,
    DEMO,
)
