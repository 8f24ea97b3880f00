"""Documents on the command line."""

from typing import TYPE_CHECKING, Final

from tavus_async.cli.keywords import Advice
from tavus_async.cli.noun import View
from tavus_async.cli.screen import columns

if TYPE_CHECKING:
    from tavus_async.models import Document


def progress(document: "Document") -> str:
    """Say how much of a document has been read; "" once it is ready."""
    return "" if document.progress is None else f"{document.progress} %"


DOCUMENT_VIEW: Final = View(
    what="Documents: files, pages and websites that personas know.",
    example="d8c1f0a2b3e4",
    options={
        "status": Advice(help="those in this state alone, such as ready"),
        "crawl": Advice(help='how far links are followed, as in {"depth": 2, "max_pages": 20} (default: as before)'),
        "scope": Advice(help="undocumented"),
        "sort": Advice(choices=("ascending", "descending"), help="by creation (default: ascending)"),
    },
    columns={
        "status": columns.field("status"),
        "progress": progress,
        "tags": columns.field("tags"),
        "created (UTC)": columns.minute("created_at"),
    },
    first_fields=("status", "progress", "error_message"),
    progress=progress,
)
