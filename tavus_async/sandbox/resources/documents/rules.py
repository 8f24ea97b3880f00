"""What Tavus refuses of a document, as far as it is known; everything else is accepted and kept."""

from tavus_async.sandbox.json import Json, JsonObject

__all__ = ["problems"]

_CRAWL_LIMITS = (("depth", 10), ("max_pages", 100))


def problems(given: JsonObject) -> list[str]:
    """Return one sentence for each rule that the fields of a document break, in the order of the rules."""
    found = [
        f"{name} must be {kind}"
        for names, kind, is_one in _KINDS_OF_FIELDS
        for name in names
        if name in given and not is_one(given[name])
    ]
    if "crawl" in given:
        found += _of_crawl(given["crawl"])
    return [f"Invalid request: {each}" for each in found]


def _of_crawl(crawl: Json) -> list[str]:
    if not isinstance(crawl, dict):
        return ["crawl must be an object"]
    return [
        f"crawl.{name} must be an integer between 1 and {most}"
        for name, most in _CRAWL_LIMITS
        if name in crawl and not _is_within(crawl[name], most)
    ]


def _is_within(value: Json, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_flag(value: Json) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_KINDS_OF_FIELDS = (
    (("document_url", "document_name", "callback_url", "custom_description"), "a string", _is_text),
    (("tags", "participant_tags"), "an array of strings", _are_texts),
    (("is_customer_support_document", "font_size_aware_extraction"), "a boolean", _is_flag),
)
