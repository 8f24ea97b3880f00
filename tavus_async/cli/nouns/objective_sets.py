"""Sets of objectives on the command line."""

from typing import Final

from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

OBJECTIVE_VIEW: Final = View(
    what="Objectives: what a persona works towards, in sets whose objectives follow one another.",
    singular="set of objectives",
    plural="sets of objectives",
    aliases=("objectives",),
    example="o1a2b3c4d5e6",
    title="name",
    columns={
        "objectives": columns.items("objectives", "objective_name"),
        "updated": columns.day("updated_at", "created_at"),
    },
)
