"""Everything that a session can ask about documents."""

from typing import Any

from tavus_async import AsyncSession

SITE, FILE = "https://docs.example.com/", "https://files.example/handbook.pdf"
DRAFTS: tuple[dict[str, Any], ...] = (
    {"document_url": FILE},
    {
        "document_url": SITE,
        "document_name": "Docs",
        "tags": ["docs", "website"],
        "callback_url": "",
        "crawl": {"depth": 2, "max_pages": 10},
    },
)
LATER_DRAFTS: tuple[dict[str, Any], ...] = (
    {
        "document_url": "https://files.example/pump.png",
        "participant_tags": ["ada"],
        "custom_description": "A pump.",
        "is_customer_support_document": True,
        "font_size_aware_extraction": False,
    },
)
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"status": "started", "name_or_uuid": "Docs", "tags": ["docs", "faq"], "sort": "descending"},
)
LATER_FILTERS: tuple[dict[str, Any], ...] = (
    {"participant_tags": ["ada"], "scope": "all", "sort": "desc", "verbose": True},
)


async def ask_all(ask: Any, session: AsyncSession, *, later: bool) -> None:
    """Create documents of all kinds, and do everything to them that can be done."""
    for draft in (*DRAFTS, *(LATER_DRAFTS if later else ())):
        created = await ask(session.create_document, draft)
        document_id = getattr(created, "document_id", "d0")
        document = await ask(session.get_document, document_id)
        await ask(session.recrawl_document, document_id)
        await ask(session.recrawl_document, document_id, crawl={"depth": 3, "max_pages": 50})
        await ask(session.update_document, document_id, {"document_name": "New", "tags": ["new"]})
        await ask(session.update_document, document, document)
        if later:
            await ask(session.get_document, document_id, verbose=True)
            await ask(session.list_document_chunks_page, document_id)
            await ask(session.list_document_tags_page, search="n")
        for filters in (*FILTERS, *(LATER_FILTERS if later else ())):
            await ask(session.list_documents_page, page=0, limit=3, **filters)
            await ask(collect, session.list_documents(**filters))
        await ask(session.delete_document, document_id)
        await ask(session.get_document, document_id)
    await ask(session.find_documents, "Docs")
    await ask(session.delete_document, "d0")
    if later:
        await ask(session.recrawl_document, "d0")
        await ask(session.update_document, "d0", {"tags": []})


async def collect(items: Any) -> list[Any]:
    return [item async for item in items]
