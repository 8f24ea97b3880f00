"""Replicas on the command line."""

from typing import Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

REPLICA_VIEW: Final = View(
    what="Replicas, since mid-2026 also called faces: what personas look like, and who speaks in videos.",
    aliases=("faces",),
    example="r79e1c033f",
    options={
        "replica_type": Advice(choices=("user", "system"), help="user for your own, system for Tavus' stock"),
        "replica_ids": Advice(help="those with these ids"),
        "model_name": Advice(help="those of this model, such as phoenix-4"),
        "hard": Advice(help="also what it was trained with, for good"),
    },
    list_own="--type user",
    columns={
        "status": columns.field("status"),
        "progress": columns.field("training_progress"),
        "model": columns.field("model_name"),
        "type": columns.field("replica_type"),
        "created (UTC)": columns.minute("created_at"),
    },
    first_fields=("status", "training_progress", "error_message"),
    progress=columns.field("training_progress"),
)
