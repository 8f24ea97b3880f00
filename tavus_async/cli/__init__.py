"""The command line, `tavus-async`."""

from tavus_async.cli.main import main

__all__ = ["main"]
