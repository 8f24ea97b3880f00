"""`documents add`: a document of each URL in a file."""

from argparse import Namespace
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import attrs

import tavus_async
from tavus_async import AmbiguousOutcomeError, AsyncSession, TavusError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.commands.create import name_of
from tavus_async.cli.exits import FATAL, Exit, MisuseError, UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.messages import explain, told_if_interrupted
from tavus_async.cli.screen import output, texts
from tavus_async.cli.screen.progress import Move, progress_shown
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import count, file_name, words

if TYPE_CHECKING:
    from tavus_async import Call
    from tavus_async.models import Document

SCHEMES: Final = ("http", "https")
COMMENT_MARK: Final = "#"


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("file", type=file_name, metavar="FILE", help="the URLs, one on each line; - is stdin")
    add("--tags", type=words, action="extend", metavar="TEXT,...", help="tags for all of them (default: none)")
    add("--depth", type=count, metavar="N", help="follow the links of websites so far (default: read the page alone)")
    add("--max-pages", type=count, metavar="N", help="read so many pages of a website at most")
    add("--wait", action="store_true", help="wait until each can be used (default: until it is created)")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    if options.file == STDIN == options.api_key_file:
        raise MisuseError("stdin cannot give both the API key and the URLs")
    urls = read_urls(name_of(options.file), read_text(options.file))
    with (
        open_session(options) as (session, runner),
        progress_shown("adding", total=len(urls), is_wanted=not options.log, is_passing=True) as move,
        Report() as report,
    ):
        adding = Adding(session=session, options=options, move=move, report=report)
        with told_if_interrupted(adding.doubt):
            added = runner.run(adding.run(urls))
    if output.is_watched():
        output.tell(
            f"{added:,} of {texts.count(len(urls), 'document', 'documents')} {'ready' if options.wait else 'added'}"
        )
    return Exit.of_many(len(urls), failed=len(urls) - added)


def read_urls(name: str, text: str) -> list[str]:
    """Return the URLs of a text, each once; UsageError for a line that is none, and where there are none."""
    found: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):
        url = line.strip()
        if not url or url.startswith(COMMENT_MARK):
            continue
        if not is_url(url):
            raise UsageError(
                f"line {number} of {name} is not a URL: one on each line is expected, with https:// before it"
            )
        found[url] = None
    if not found:
        raise UsageError(f"{name} has no URLs")
    return list(found)


def is_url(text: str) -> bool:
    """Return whether this is the URL of something on the web, without spaces."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES and bool(parts.hostname) and len(text.split()) == 1


@attrs.define(kw_only=True)
class Adding:
    """One run of `tavus-async documents add`."""

    session: AsyncSession
    options: Namespace
    move: Move
    report: Report
    _added: int = attrs.field(init=False, default=0)
    _done: int = attrs.field(init=False, default=0)
    _asked: dict[str, None] = attrs.field(init=False, factory=dict[str, None])
    """The URLs that the server was asked to add, as long as it has not answered."""
    _urls: dict[str, str] = attrs.field(init=False, factory=dict[str, str])
    """The URL of each document that was created."""

    async def run(self, urls: list[str]) -> int:
        """Add documents, wait for them if that is wanted, print which, and return how many."""
        if self.options.wait:
            waited = self.session.wait_for_documents(self._create(urls), timeout=self.options.timeout)
            async with waited as outcomes:
                async for outcome in outcomes:
                    self._settle(self._urls[outcome.key], outcome.key, outcome.error)
        else:
            async for item_id in self._create(urls):
                self._settle(self._urls[item_id], item_id, None)
        return self._added

    async def _create(self, urls: list[str]) -> AsyncIterator[str]:
        """Create documents, and yield their ids in the order of the URLs."""
        async with self.session.send_each(self._make_call, urls, ordered=True, max_outage=0) as outcomes:
            async for outcome in outcomes:
                self._asked.pop(outcome.key, None)
                if outcome.value is None:
                    self._settle(outcome.key, "", outcome.error)
                else:
                    self._urls[outcome.value.document_id] = outcome.key
                    yield outcome.value.document_id

    def _make_call(self, url: str) -> "Call[Document]":
        call = tavus_async.calls.create_document(make_draft(url, self.options))
        self._asked[url] = None
        return call

    def _settle(self, url: str, item_id: str, error: TavusError | None) -> None:
        """Print what was added, or say why it was not; raise what would fail all."""
        if isinstance(error, FATAL):
            raise error
        self._done += 1
        # What is behind a question mark may let whoever has it read the file.
        shown = texts.bare_url(url)
        if error is None:
            self._added += 1
            line = f"{item_id}  {shown}" if output.is_displayed() else f"{item_id}\t{url}"
            self.report.put(line, otherwise=f"added {item_id}: {shown}")
        else:
            place = f"{item_id} ({shown})" if item_id else shown
            hint = "; before you try again, look: tavus-async documents list"
            is_doubtful = isinstance(error, AmbiguousOutcomeError)
            output.complain(f"{place}: {explain(error)}{hint if is_doubtful else ''}")
        self.move(self._done, "", "")

    def doubt(self) -> str:
        """Say what may have been added too."""
        return f"may have been added too: {texts.names(dict.fromkeys(map(texts.bare_url, self._asked)))}" * bool(
            self._asked
        )


def make_draft(url: str, options: Namespace) -> dict[str, Any]:
    """Return the draft of the document of a URL."""
    crawl = {"depth": options.depth, "max_pages": options.max_pages}
    followed = {name: value for name, value in crawl.items() if value is not None}
    return {
        "document_url": url,
        **({"tags": options.tags} if options.tags else {}),
        **({"crawl": followed} if followed else {}),
    }


ADD: Final = Command(
    name="add",
    summary="add the documents at any number of URLs",
    description="""\
        Create a document of each URL in a file, many at once, and print a line for each: its id, a tab, and the URL.
        Empty lines, and lines that begin with a #, are skipped; a URL that occurs again is added once.

        With --wait, each is printed as soon as it can be used; --timeout is then for each of them.

        One that fails is one line on stderr, with Tavus' reason, and the others go on. The exit code is 1 if all
        failed, 3 if some did. Nothing is sent again where it may have been added.
        """,
    examples=[
        "tavus-async documents add urls.txt --tags faq,2026",
        "tavus-async documents add urls.txt --wait | cut -f 1 > ids.txt",
        "echo https://example.com |\n  tavus-async documents add - --depth 2 --max-pages 20",
    ],
    add_options=_add_options,
    run=_run,
)
