"""Videos on the command line."""

from typing import Final

from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

VIDEO_VIEW: Final = View(
    what="Videos: a replica speaks a script, or what is in an audio file.",
    example="v123456789ab",
    columns={
        "status": columns.field("status"),
        "progress": columns.field("generation_progress"),
        "replica": columns.field("replica_id"),
        "created (UTC)": columns.minute("created_at"),
    },
    first_fields=("status", "generation_progress", "status_details"),
    progress=columns.field("generation_progress"),
)
