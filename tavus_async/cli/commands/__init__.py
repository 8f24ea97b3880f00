"""The commands, one module for each."""

from typing import Final

from tavus_async.cli.commands.create import CREATE
from tavus_async.cli.commands.delete import DELETE
from tavus_async.cli.commands.demo import DEMO
from tavus_async.cli.commands.edit import EDIT
from tavus_async.cli.commands.fetch import FETCH
from tavus_async.cli.commands.get import GET
from tavus_async.cli.commands.list import LIST
from tavus_async.cli.commands.patch import PATCH
from tavus_async.cli.commands.sandbox import SANDBOX

COMMANDS: Final = (GET, FETCH, LIST, CREATE, PATCH, EDIT, DELETE, SANDBOX, DEMO)
