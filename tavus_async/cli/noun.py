"""What the commands that are alike for all resources have to know of one."""

from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs

from tavus_async import Call
from tavus_async.cli.characters import one_line
from tavus_async.cli.command import Parser
from tavus_async.cli.screen import texts
from tavus_async.cli.screen.texts import Row
from tavus_async.models import Record

NAMELESS: Final = "(no name)"

RecordT = TypeVar("RecordT", bound=Record)


@attrs.frozen(kw_only=True)
class Keyword:
    """An option that becomes a keyword argument of a call."""

    option: str
    name: str
    """Of the argument."""
    help: str
    choices: tuple[str, ...] = ()
    """The values it takes; none for a switch."""


@attrs.frozen(kw_only=True)
class Noun(Generic[RecordT]):
    """One resource: what it is called, which calls there are, and how its records look."""

    name: str
    """Of many; the word behind which its commands stand."""
    singular: str
    what: str
    """What it is, in a sentence."""
    aliases: tuple[str, ...] = ()
    """Other words for the name."""
    example: str
    """An id."""
    record: type[RecordT]
    draft: type[Record]
    id_names: tuple[str, ...]
    """The record's id field, and the names that it may have in a body."""
    title_names: tuple[str, ...]
    """The record's field for what people call it, and the names that it may have in a body."""
    get: Callable[..., Call[RecordT]]
    list_all: Callable[..., AsyncIterator[RecordT]]
    """The method of AsyncSession."""
    create: Callable[..., Call[Any]]
    delete: Callable[..., Call[None]]
    get_keywords: tuple[Keyword, ...] = ()
    list_keywords: tuple[Keyword, ...] = ()
    delete_keywords: tuple[Keyword, ...] = ()
    list_own: str = ""
    """The options with which list shows what the account has created."""
    deletion: str = ""
    """What help says besides of deleting."""
    columns: Mapping[str, Callable[[RecordT], str | None]]
    """What a table shows of a record, by the headings of its columns, after the id and the title."""
    first_fields: tuple[str, ...] = ()
    """The fields that a view shows before the others."""
    sections: Callable[[RecordT], Iterable[tuple[str, list[Row]]]] = lambda _: ()
    """What a view shows below the fields: headings, each with its rows."""
    folded: tuple[str, ...] = ()
    """The fields that stand in those sections."""

    def id_of(self, record: Record) -> str:
        """Return the id of a record, or of what the server says of one that was created."""
        return str(getattr(record, self.id_names[0]))

    def headline(self, record: RecordT) -> Row:
        """Return what people call a record, and its id."""
        return texts.shorten(self.title_of(record)) or NAMELESS, texts.clip(
            one_line(self.id_of(record)), texts.LONGEST_SHOWN
        )

    def title_of(self, record: RecordT) -> str:
        """Return what people call a record; "" where nobody has called it anything."""
        return one_line(getattr(record, self.title_names[0]) or "")

    def called(self, record: RecordT) -> str:
        """Return what a question calls a record: its name in quotes, which cannot be taken for ours, and its id."""
        title, (_, item_id) = self.title_of(record), self.headline(record)
        return f"{texts.quoted(title) if title else NAMELESS} ({item_id})"

    def headings(self) -> tuple[str, ...]:
        """Return the headings of a table."""
        return ("id", "name", *self.columns)

    def row(self, record: RecordT) -> tuple[str, ...]:
        """Return a record as a row of a table; "" for what the server did not say."""
        title, item_id = self.headline(record)
        return (item_id, title, *(one_line(text(record) or "") for text in self.columns.values()))

    def fields(self, record: RecordT) -> Iterator[Row]:
        """Yield what a view shows of a record below the headline."""
        hidden = (self.id_names[0], self.title_names[0], *self.folded)
        return texts.fields(record, first=self.first_fields, without=hidden)

    def count(self, number: int) -> str:
        """Count records in words."""
        return texts.count(number, self.singular, self.name)


def add_keywords(parser: Parser, keywords: Iterable[Keyword]) -> None:
    """Add options whose values `given` returns."""
    for keyword in keywords:
        if keyword.choices:
            parser.add_argument(keyword.option, dest=keyword.name, choices=keyword.choices, help=keyword.help)
        else:
            parser.add_argument(keyword.option, dest=keyword.name, action="store_true", help=keyword.help)


def given(options: Namespace, keywords: Iterable[Keyword]) -> dict[str, Any]:
    """Return the keyword arguments that were given as options."""
    return {keyword.name: getattr(options, keyword.name) for keyword in keywords}
