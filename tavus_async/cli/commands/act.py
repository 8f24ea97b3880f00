"""What else can be done with one record, such as `rename`: a method with the id, and little more."""

import inspect
import re
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import tavus_async
from tavus_async import AsyncSession
from tavus_async.cli.characters import one_line
from tavus_async.cli.command import Command, Parser
from tavus_async.cli.exits import Exit
from tavus_async.cli.keywords import Keyword, add_keywords, given, read_keywords
from tavus_async.cli.messages import told_if_interrupted
from tavus_async.cli.noun import Noun
from tavus_async.cli.screen.report import Report
from tavus_async.cli.session import add_session_options, open_session
from tavus_async.cli.values import identifier, text


def make_action(noun: Noun[Any], verb: str) -> Command:
    """Return the command for a method such as `rename_video(video_id, video_name)`."""
    name = f"{verb}_{noun.one}"
    call, doc = getattr(tavus_async.calls, name), getattr(AsyncSession, name).__doc__ or ""
    keywords = tuple(read_keywords(call, noun.one, [doc], noun.view.options))
    words, summary = needed_words(call), first_sentence(doc)

    def add_options(parser: Parser) -> None:
        parser.add_argument(
            "id", type=identifier, metavar="ID", help=f"of {noun.a_singular}, such as {noun.own_example}"
        )
        for word in words:
            parser.add_argument(word, type=text, metavar=word.upper(), help=f"its {word.replace('_', ' ')}")
        add_keywords(parser, keywords)
        add_session_options(parser)

    return Command(
        name=verb,
        summary=f"{summary[:1].lower()}{summary[1:]}",
        description=f"{summary}. Prints what the server says of it, as JSON, or done where it says nothing.",
        examples=[" ".join(["tavus-async", noun.name, verb, noun.own_example, *("Ann" for _ in words)])],
        add_options=add_options,
        run=partial(run, noun, verb, words, keywords),
    )


def needed_words(call: Callable[..., Any]) -> tuple[str, ...]:
    """Return the arguments that stand behind the id."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    return tuple(each.name for each in parameters if each.default is inspect.Parameter.empty)


def first_sentence(doc: str) -> str:
    """Return what a docstring says at its begin, up to the first stop of any kind."""
    return re.split(r"[.,:;]\s", one_line(doc) + " ")[0].replace("`", "").replace("*", "").strip()


def run(noun: Noun[Any], verb: str, words: Sequence[str], keywords: Sequence[Keyword], options: Namespace) -> int:
    """Do it, and print what the server says."""
    arguments = [getattr(options, word) for word in words]
    method = f"{verb}_{noun.one}"
    with (
        open_session(options) as (session, runner),
        told_if_interrupted(lambda: f"{options.id}: the {verb} may have happened"),
    ):
        answer = runner.run(getattr(session, method)(options.id, *arguments, **given(options, keywords)))
    with Report() as report:
        if isinstance(answer, tavus_async.models.Record):
            shown = answer.to_dict()
            report.put_json(shown, indent=2, otherwise=lambda: f"done: {verb} {options.id}")
        else:
            report.put("done", otherwise=f"done: {verb} {options.id}")
    return Exit.OK
