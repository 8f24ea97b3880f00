"""What the commands that are alike for all resources have to know of one."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs

from tavus_async import AsyncSession, Call, Outcomes
from tavus_async.cli.characters import one_line
from tavus_async.cli.keywords import Advice, Keyword
from tavus_async.cli.screen import texts
from tavus_async.cli.screen.columns import Column
from tavus_async.cli.screen.texts import Row

if TYPE_CHECKING:
    from tavus_async.models import Record

NAMELESS: Final = "(no name)"

RecordT = TypeVar("RecordT", bound="Record")


@attrs.frozen(kw_only=True)
class View:
    """How the records of a resource look, and what cannot be read off its functions; all of it may be missing."""

    what: str = ""
    """What it is, in a sentence (default: what the record's docstring says)."""
    singular: str = ""
    """What one is called, where that is not what its functions are called by."""
    plural: str = ""
    """What several are called, likewise."""
    aliases: tuple[str, ...] = ()
    """Other words for the name."""
    example: str = ""
    """An id."""
    own_example: str = ""
    """The id of one that the account has made, if Tavus' own cannot be changed."""
    title: str = ""
    """The field for what people call a record (default: `x_name` or `name`, if there is one)."""
    columns: Mapping[str, Column] | None = None
    """What a table shows of a record, by the headings of its columns, after the id and the title (default: its status
    and when it was created, as far as it has them)."""
    first_fields: tuple[str, ...] = ("status",)
    """The fields that a view shows before the others."""
    sections: Callable[[Any], Iterable[tuple[str, list[Row]]]] = lambda _: ()
    """What a view shows below the fields: headings, each with its rows."""
    folded: tuple[str, ...] = ()
    """The fields that stand in those sections."""
    options: Mapping[str, Advice] = attrs.field(factory=dict[str, Advice])
    """What is known of options, by the names of arguments."""
    list_own: str = ""
    """The options with which list shows what the account has created."""
    deletion: str = ""
    """What help says besides of deleting."""
    losses: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """What a change with a switch takes away for good, by the name of its argument."""
    is_flat: bool = False
    """Whether an edit sends fields as a whole, where the server takes no JSON Patch that points into them."""
    pointer: str = ""
    """A path of its JSON Patches, for help."""
    patches: tuple[str, ...] = ()
    """Examples of its patch."""
    progress: Column = lambda _: ""
    """How far something that is waited for has come."""


@attrs.frozen(kw_only=True)
class Noun(Generic[RecordT]):
    """One resource: what it is called, which calls there are, and how its records look."""

    one: str
    """What functions call one, such as `memory_store`."""
    many: str
    """What functions call many, such as `memory_stores`."""
    view: View
    record: type[RecordT]
    draft: "type[Record]"
    """What a create takes; Record itself where nothing is created."""
    id_names: tuple[str, ...]
    """The record's id field, and the names that it may have in a body."""
    title_names: tuple[str, ...]
    """The record's field for what people call it, and the names that it may have in a body; none without a name."""
    calls: Mapping[str, Callable[..., Call[Any]]]
    """By the command that sends them: get, create, patch, delete."""
    keywords: Mapping[str, tuple[Keyword, ...]]
    """The options that commands take for arguments of calls."""
    takes_operations: bool
    """Whether it is changed by a JSON Patch, and not by new values of fields."""
    guards: tuple[Keyword, ...]
    """The arguments of a change that a record which was read has itself, so that nobody's changes are lost."""
    columns: Mapping[str, Column]

    @property
    def name(self) -> str:
        """Of many; the word behind which its commands stand."""
        return self.many.replace("_", "-")

    @property
    def singular(self) -> str:
        """What messages call one."""
        return self.view.singular or self.one.replace("_", " ")

    @property
    def plural(self) -> str:
        """What messages call several."""
        return self.view.plural or self.many.replace("_", " ")

    @property
    def a_singular(self) -> str:
        """What messages call one, with its article."""
        return f"{'an' if self.singular[0] in 'aeio' else 'a'} {self.singular}"

    @property
    def what(self) -> str:
        """What it is, in a sentence."""
        return self.view.what or one_line((self.record.__doc__ or "").partition("\n\n")[0])

    @property
    def example(self) -> str:
        """An id."""
        return self.view.example or f"{self.one[0]}123456"

    @property
    def own_example(self) -> str:
        """An id of what can be changed."""
        return self.view.own_example or self.example

    async def list_all(self, session: AsyncSession, *, page_size: int, **options: Any) -> AsyncIterator[RecordT]:
        """Iterate over all records; those of a list that has pages are read page by page."""
        method = getattr(session, f"list_{self.many}")
        pages = {"page_size": page_size} if "page_size" in inspect.signature(method).parameters else {}
        found = method(**pages, **options)
        if inspect.isawaitable(found):
            for record in await found:
                yield record
            return
        async for record in found:
            yield record

    async def wait_for(self, session: AsyncSession, item_id: str, **options: Any) -> RecordT:
        """Wait until a record is ready, and return it."""
        record: RecordT = await getattr(session, f"wait_for_{self.one}")(item_id, **options)
        return record

    def wait_for_many(self, session: AsyncSession, ids: Iterable[str], **options: Any) -> Outcomes[RecordT] | None:
        """Wait until many records are ready, which are read together; None where each has to be waited for alone."""
        wait = getattr(session, f"wait_for_{self.many}", None)
        return None if wait is None else wait(ids, **options)

    def id_of(self, record: "Record") -> str:
        """Return the id of a record, or of what the server says of one that was created; "" for one without."""
        return str(getattr(record, self.id_names[0]) or "")

    def headline(self, record: RecordT) -> Row:
        """Return what people call a record, and its id."""
        title = texts.shorten(self.title_of(record)) or (NAMELESS if self.title_names else self.singular)
        return title, texts.clip(one_line(self.id_of(record)), texts.LONGEST_SHOWN)

    def title_of(self, record: RecordT) -> str:
        """Return what people call a record; "" where nobody has called it anything."""
        return one_line(getattr(record, self.title_names[0]) or "") if self.title_names else ""

    def called(self, record: RecordT) -> str:
        """Return what a question calls a record: its name in quotes, which cannot be taken for ours, and its id."""
        title, (headline, item_id) = self.title_of(record), self.headline(record)
        return f"{texts.quoted(title) if title else headline} ({item_id})"

    def headings(self) -> tuple[str, ...]:
        """Return the headings of a table."""
        return ("id", *(["name"] if self.title_names else []), *self.columns)

    def row(self, record: RecordT) -> tuple[str, ...]:
        """Return a record as a row of a table; "" for what the server did not say."""
        title, item_id = self.headline(record)
        others = (one_line(text(record) or "") for text in self.columns.values())
        return (item_id, *([title] if self.title_names else []), *others)

    def fields(self, record: RecordT) -> Iterator[Row]:
        """Yield what a view shows of a record below the headline."""
        hidden = (self.id_names[0], *self.title_names[:1], *self.view.folded)
        return texts.fields(record, first=self.view.first_fields, without=hidden)

    def count(self, number: int) -> str:
        """Count records in words."""
        return texts.count(number, self.singular, self.plural)
