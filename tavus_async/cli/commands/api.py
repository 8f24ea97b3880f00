"""`tavus-async api`: any endpoint, JSON in and JSON out."""

from argparse import ArgumentTypeError, Namespace
from typing import Any, Final
from urllib.parse import parse_qsl

from tavus_async import Call
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit, MisuseError, UsageError
from tavus_async.cli.inputs import STDIN, read_text
from tavus_async.cli.jsons import dumps, loads
from tavus_async.cli.messages import told_if_interrupted
from tavus_async.cli.screen import output
from tavus_async.cli.screen.report import Report
from tavus_async.cli.screen.texts import hidden
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import text

REQUEST_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
FILE_MARK: Final = "@"


def _add_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "method",
        type=str.upper,
        choices=REQUEST_METHODS,
        metavar="METHOD",
        help=f"{', '.join(REQUEST_METHODS)}, in any case",
    )
    add("path", type=path, metavar="PATH", help="what stands behind the host, such as /v2/videos/v1; may have a query")
    add("--data", metavar="JSON", help="the body: a JSON text, @FILE for that of a file, - for stdin")
    add(
        "--query",
        type=pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the query; may be repeated",
    )
    add_session_options(parser)


def path(given: str) -> str:
    """Read the path of an endpoint, with or without a slash before it."""
    if "://" in given or not given:
        raise ArgumentTypeError("must be a path such as /v2/videos; --base-url takes the address")
    return text(given if given.startswith("/") else f"/{given}")


def pair(given: str) -> tuple[str, str]:
    """Read a name and a value."""
    name, mark, value = text(given).partition("=")
    if not name or not mark:
        raise ArgumentTypeError(f"must be NAME=VALUE, not {given!r}")
    return name, value


def _run(options: Namespace) -> int:
    if options.data == STDIN == options.api_key_file:
        raise MisuseError("stdin cannot give both the API key and the data")
    call = make_call(options)
    is_change = call.method != "GET"
    doubt = f"the {call.method} may have happened" if is_change else ""
    with open_session(options) as (session, runner), told_if_interrupted(lambda: doubt):
        answer = runner.run(session.send(call))
    show(answer, otherwise=f"done: {options.method} {options.path}" if is_change else "")
    return Exit.OK


def make_call(options: Namespace) -> Call[Any]:
    """Return the call that the options describe; UsageError where it cannot be sent."""
    address, _, query = options.path.partition("?")
    values: dict[str, list[str]] = {}
    for name, value in (*parse_qsl(query, keep_blank_values=True), *options.query):
        values.setdefault(name, []).append(value)
    if options.data is not None and options.method == "GET":
        raise MisuseError("a GET takes no --data: --query gives it parameters")
    body = None if options.data is None else read_data(options.data)
    return Call.json(options.method, address, body, query=values)


def read_data(given: str) -> Any:
    """Return the JSON values of a text, of a file or of stdin; UsageError for what is not JSON."""
    name, data = "--data", given
    if given == STDIN or given.startswith(FILE_MARK):
        source = given.removeprefix(FILE_MARK)
        name, data = "stdin" if source == STDIN else source, read_text(source)
    try:
        return loads(data)
    except ValueError as error:
        raise UsageError(f"{name} is not JSON: {error}") from None


def show(answer: Any, *, otherwise: str) -> None:
    """Print an answer: for people indented, with secrets hidden; elsewhere whole, on one line.

    Where stdout cannot take it, stderr gets *otherwise*, and the answer as for people: it may name what was created.
    It gets nothing if there is no *otherwise*.
    """
    if answer is None:
        if output.is_watched():
            output.tell("done; the answer is empty")
        return
    is_displayed = output.is_displayed()
    shown, indent = (hidden(answer), 2) if is_displayed else (answer, None)
    if not otherwise:
        output.put_json(shown, indent=indent)
        return
    with Report() as report:
        report.put_json(
            shown, indent=indent, otherwise=lambda: f"{otherwise} {dumps(hidden(answer), is_displayed=True)}"
        )


API: Final = Command(
    name="api",
    summary="call any endpoint: JSON in, JSON out",
    description="""\
        Send one request to any endpoint of the API, also to one that this program has no command for, and print the
        JSON of its answer: on a terminal indented, with secrets hidden; elsewhere whole, on one line. An empty answer
        prints nothing. An error status is one line on stderr, and the exit code is 1.

        GET, PUT and DELETE are sent again after an answer that was lost, POST and PATCH are not.

        Other processes of this machine can read what is on the command line; give secrets with --data @FILE.
        """,
    examples=[
        "tavus-async api GET /v2/personas --query limit=5 --query persona_type=user",
        'tavus-async api POST /v2/conversations --data \'{"persona_id": "p5317866"}\'',
        "tavus-async api PATCH /v2/personas/pb8bb42b --data @changes.json",
        "tavus-async api DELETE /v2/personas/pb8bb42b",
    ],
    add_options=_add_options,
    run=_run,
)
