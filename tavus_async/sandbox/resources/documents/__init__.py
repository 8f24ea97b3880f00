"""Documents: read, found anew, and told of."""

from types import MappingProxyType

from tavus_async.sandbox.answers import message
from tavus_async.sandbox.collection import ResourceDefinition
from tavus_async.sandbox.endpoints import make_delete, make_merge
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.resources.documents import chunks, endpoints
from tavus_async.sandbox.resources.documents.rules import problems

__all__ = ["DOCUMENT_RESOURCE"]

DOCUMENT_RESOURCE = Registration(
    definition=ResourceDefinition(
        name="documents",
        noun="document",
        id_prefix="d8-",
        unknown=message("Document not found", 404),
        view=endpoints.as_read,
    ),
    endpoints=MappingProxyType(
        {
            "GET /v2/documents": endpoints.list_documents,
            "POST /v2/documents": endpoints.create_document,
            "GET /v2/documents/tags": endpoints.list_document_tags,
            "GET /v2/documents/{document_id}": endpoints.get_document,
            "PATCH /v2/documents/{document_id}": make_merge(
                "documents", "document", fields=("document_name", "tags"), problems=problems
            ),
            "DELETE /v2/documents/{document_id}": make_delete("documents", "document"),
            "POST /v2/documents/{document_id}/recrawl": endpoints.recrawl_document,
            "GET /v2/documents/{document_id}/chunks": chunks.list_document_chunks,
        }
    ),
)
