"""What the SDK assumes of Tavus' documents: looked at on those that the account has; none is ever made."""

from tests.live.assumption import Assumptions, is_answer, strange_fields
from tests.live.visit import Verdict, Visit, unknown, verdict

ALL = "/v2/documents"
NOBODY = "d0-000000000000"
NONE = "the account has no document"

documents = Assumptions(lambda _visit: "")


@documents("documents", 'List Documents answers 200, {"data": [...], "total_count": n, "page": 0, "limit": 100}')
async def _list(visit: Visit) -> Verdict:
    answer = await visit.get(ALL, limit="100")
    if answer.status == 200:
        visit.documents = list(await visit.session.list_documents_page(limit=100))
    is_list = isinstance(answer.fields.get("data"), list) and type(answer.fields.get("total_count")) is int
    is_told = (answer.fields.get("page"), answer.fields.get("limit")) == (0, 100)
    return verdict(answer.status == 200 and is_list and is_told, str(answer))


@documents("document-pages", "pages are counted from 0 and do not overlap")
async def _pages(visit: Visit) -> Verdict:
    if len(visit.documents) < 2:
        return unknown("the account has fewer than two documents")
    first, second = [await visit.session.list_documents_page(page=page, limit=1) for page in (0, 1)]
    ids = [one.document_id for page in (first, second) for one in page]
    expected = [one.document_id for one in visit.documents[:2]]
    return verdict(ids == expected, "pages 0 and 1 of one document each differ from the first two of a page of 100")


@documents("document-sort", "sort=descending begins at the other end")
async def _sort(visit: Visit) -> Verdict:
    if len(visit.documents) < 2:
        return unknown("the account has fewer than two documents")
    ends = [await visit.session.list_documents_page(limit=1, sort=sort) for sort in ("ascending", "descending")]
    first, last = ([one.document_id for one in page] for page in ends)
    return verdict(first != last, "both begin with the same document")


@documents("document-bare", "Get Document answers the document itself, in no envelope")
async def _bare(visit: Visit) -> Verdict:
    if not visit.documents:
        return unknown(NONE)
    answer = await visit.get(f"{ALL}/{visit.documents[0].document_id}")
    return verdict(answer.status == 200 and "document_id" in answer.fields, str(answer))


@documents("document-tags", 'GET /v2/documents/tags answers 200, {"tags": [...]}, with texts')
async def _tags(visit: Visit) -> Verdict:
    answer = await visit.get(f"{ALL}/tags")
    tags = answer.fields.get("tags")
    is_so = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    return verdict(answer.status == 200 and is_so, str(answer))


@documents("document-chunks", 'the chunks of a document that is ready come as {"chunks": [...]}, and have texts')
async def _chunks(visit: Visit) -> Verdict:
    ready = [one for one in visit.documents if one.status == "ready"]
    if not ready:
        return unknown("the account has no document that is ready")
    answer = await visit.get(f"{ALL}/{ready[0].document_id}/chunks", collection="regular", limit="1")
    if answer.status != 200 or not isinstance(answer.fields.get("chunks"), list):
        return verdict(is_so=False, words=str(answer))
    page = await visit.session.list_document_chunks_page(ready[0].document_id, limit=1)
    without = [one for one in page if one.text is None]
    strange = sorted({name for one in page for known in (True, False) for name in strange_fields(one, known=known)})
    return verdict(not without and not strange, f"{len(without)} without a text, also {', '.join(strange)}")


@documents("document-unknown", 'an id that is nobody\'s is answered 404, {"message": "Document not found"}')
async def _unknown(visit: Visit) -> Verdict:
    return is_answer(await visit.get(f"{ALL}/{NOBODY}"), 404, {"message": "Document not found"})


@documents("document-fields", "every field of a document is known")
async def _fields(visit: Visit) -> Verdict:
    return of_fields(visit, "also", known=False)


@documents("document-types", "every known field has the type that it is known with")
async def _types(visit: Visit) -> Verdict:
    return of_fields(visit, "another type in", known=True)


@documents("document-needs-url", "a create without a URL is refused with 400", "create")
async def _needs_url(visit: Visit) -> Verdict:
    answer = await visit.ask("POST", ALL, body={"document_name": visit.throw_away_name})
    return verdict(answer.status == 400, str(answer))


def of_fields(visit: Visit, words: str, *, known: bool) -> Verdict:
    if not visit.documents:
        return unknown(NONE)
    strange = sorted({name for one in visit.documents for name in strange_fields(one, known=known)})
    return verdict(not strange, f"{words} {', '.join(strange)}")
