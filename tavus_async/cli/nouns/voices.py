"""Voices on the command line."""

from typing import Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

VOICE_VIEW: Final = View(
    what="Voices: with which personas and replicas speak, Tavus' own and those made of a recording.",
    example="v0a1b2c3d4e5",
    options={"tag": Advice(help="those with this tag")},
    columns={
        "status": columns.field("status"),
        "type": columns.field("voice_type"),
        "tags": columns.field("tags"),
        "created (UTC)": columns.minute("created_at"),
    },
    first_fields=("status", "error_message"),
)
