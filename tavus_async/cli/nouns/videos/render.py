"""`videos render`: a video of each draft in a file, created once, waited for and downloaded."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tavus_async import InvalidRequestError
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.commands.create import name_of, tell_differences
from tavus_async.cli.documents import DraftDocument, make_draft
from tavus_async.cli.exits import FATAL, Exit, FailedError, MisuseError, UsageError
from tavus_async.cli.export.videos import Folder, Render
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.jsons import is_list, is_object, loads, read_object
from tavus_async.cli.messages import explain
from tavus_async.cli.noun import Noun
from tavus_async.cli.resources import find_noun
from tavus_async.cli.screen import output
from tavus_async.cli.screen.progress import progress_shown
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.signals import held
from tavus_async.cli.values import count, file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOWNLOADS: Final = 4


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add("file", type=file_name, metavar="FILE", help="the drafts, a JSON object on each line, or a list; - is stdin")
    add("-o", "--output", type=file_name, required=True, metavar="FOLDER", help="where the files go; made if need be")
    add("--resume", action="store_true", help="continue an earlier run of the same drafts (default: a new folder)")
    add("--downloads", type=count, default=DOWNLOADS, metavar="N", help="downloads at once (default: %(default)d)")
    add_session_options(parser)


def _run(options: Namespace) -> int:
    if options.file == STDIN == options.api_key_file:
        raise MisuseError("stdin cannot give both the API key and the drafts")
    documents = read_drafts(find_noun("videos"), name_of(options.file), read_text(options.file))
    drafts: Any = [document.draft for document in documents]
    folder = Folder(Path(options.output))
    folder.open(drafts, resume=options.resume)
    is_renamed = any(document.vocabulary == "pal" for document in documents)
    with (
        open_session(options) as (session, runner),
        held(),
        progress_shown("rendering", total=len(drafts), is_wanted=not options.log) as move,
        Report() as printed,
    ):
        render = Render(
            session=session.with_options(vocabulary="pal" if is_renamed else "persona"),
            drafts=drafts,
            folder=folder,
            timeout=options.timeout,
            downloads=options.downloads,
            show=move,
            report=printed,
        )
        try:
            runner.run(render.run())
        except (*FATAL, FailedError) as error:
            raise FailedError(f"{explain(error)} ({render.summary()})") from None
    return report(render)


def read_drafts(noun: Noun[Any], name: str, text: str) -> list[DraftDocument]:
    """Read the drafts of a file, and say what of them is not sent or unknown; UsageError for one that cannot be sent.

    All are read before anything is created: videos cost money.
    """
    found: list[DraftDocument] = []
    for place, document in objects_in(name, text):
        try:
            read = make_draft(noun, document)
            noun.calls["create"](read.draft)
        except InvalidRequestError as error:
            raise UsageError(f"{place}: {explain(error)}") from None
        found.append(read)
    if not found:
        raise UsageError(f"{name} has no drafts")
    left_out = dict.fromkeys(path for read in found for path in read.left_out)
    unknown = {field.path: field for read in found for field in read.unknown}
    tell_differences(left_out, unknown.values())
    return found


def objects_in(name: str, text: str) -> "Iterator[tuple[str, Mapping[str, Any]]]":
    """Yield the JSON objects of a text, and where each stands: in a list, alone, or one on each line."""
    try:
        whole = loads(text)
    except ValueError:
        whole = None
    if is_object(whole) or is_list(whole):
        for number, each in enumerate([whole] if is_object(whole) else whole, 1):
            if not is_object(each):
                raise UsageError(f"number {number} of {name} is not a JSON object")
            yield f"number {number} of {name}", each
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number} of {name}", read_object(line)
            except UsageError as error:
                raise UsageError(f"line {number} of {name}: {str(error).removeprefix('line 1, ')}") from None


def report(render: Render) -> int:
    """Say how the run ended, and return the exit code."""
    if render.ended_by is not None:
        code = Exit.of_signals([render.ended_by])
        output.complain(f"{code.word}: {render.summary()}")
        return code
    if render.failed:
        output.complain(render.summary())
    elif output.is_watched():
        output.tell(render.summary())
    return Exit.of_many(len(render.drafts), failed=render.failed)


RENDER: Final = Command(
    name="render",
    summary="render any number of videos into a folder",
    description="""\
        Create a video of each draft in a file, wait until they are ready, and download each into a folder: by its
        video_name, or by its id where it has none or shares it. Prints the path of each file, unless stdout is a
        terminal. --timeout is for each video, from its creation until it is ready.

        All drafts are checked before the first is sent. Each is created once, whatever happens: the folder keeps a
        journal, and --resume, with the same drafts, waits for and downloads what is missing. That is so after a kill
        too. Ctrl-C, SIGTERM and the closing of the terminal end it cleanly, with exit code 130, 143 and 129.

        What fails is written to errors.jsonl in the folder, with Tavus' reason, and the rest goes on. The exit code is
        1 if all failed, 3 if some did. A video that Tavus could not make is not created anew by --resume: that takes
        another folder.
        """,
    examples=[
        "tavus-async videos render drafts.jsonl -o out/",
        "tavus-async videos render drafts.jsonl -o out/ --resume",
    ],
    add_options=_add_options,
    run=_run,
)
