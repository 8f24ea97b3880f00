"""What has tags, in either of the shapes in which Tavus shows them."""

from collections.abc import Sequence

import attrs

from tavus_async._records.immutable import JsonObject
from tavus_async._records.record import Record

TAG_NAME = "tag_name"


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TaggedFields(Record):
    """Something with tags."""

    tags: Sequence[str | JsonObject] | None = None
    """Its tags, as they came: texts, or objects such as `{"tag_name": "warm"}`; see *tag_names*."""

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The tags as texts, whichever shape they came in."""
        names = (tag if isinstance(tag, str) else tag.get(TAG_NAME) for tag in self.tags or ())
        return tuple(name for name in names if isinstance(name, str))
