"""The options that become keyword arguments of a call, read off its signature and its docstring."""

import inspect
import re
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from tavus_async.cli.characters import one_line
from tavus_async.cli.command import Parser
from tavus_async.cli.values import identifier, json_value, number, text, words

# What commands decide by themselves.
OWN: Final = frozenset({"page", "limit", "page_size", "timeout", "on_progress"})
LONGEST_HELP: Final = 160
# What options mean that many resources have.
USUAL_HELP: Final[Mapping[str, str]] = {
    "verbose": "with all that the server can tell",
    "hard": "for good, with all that Tavus keeps of it (default: it is only hidden)",
    "tags": "those with these tags",
    "participant_tags": "those with these tags of participants",
    "sort": "their order",
    "persona_id": "those of this persona",
}
_UNIONS: Final = (Union, UnionType)
_MANY: Final = (Iterable, Sequence, Collection, list, tuple)
# How argparse reads a value, and what help calls one.
_READERS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "text": (text, "TEXT"),
    "number": (number, "N"),
    "texts": (words, "TEXT,..."),
    "json": (json_value, "JSON"),
}


@attrs.frozen(kw_only=True)
class Keyword:
    """An option that becomes a keyword argument of a call."""

    option: str
    name: str
    """Of the argument."""
    help: str
    kind: Literal["switch", "text", "number", "texts", "json"] = "switch"
    choices: tuple[str, ...] = ()
    """The only values it takes, if these are known."""


@attrs.frozen(kw_only=True)
class Advice:
    """What a view knows better of an option than a signature and a docstring tell."""

    help: str = ""
    choices: tuple[str, ...] = ()


def add_keywords(parser: Parser, keywords: Iterable[Keyword]) -> None:
    """Add options whose values `given` returns."""
    for keyword in keywords:
        settings: dict[str, Any] = {"dest": keyword.name, "help": keyword.help, "default": None}
        if keyword.kind == "switch":
            settings["action"] = "store_true"
        elif keyword.choices:
            settings["choices"] = keyword.choices
        else:
            settings["type"], settings["metavar"] = _READERS[keyword.kind]
            if keyword.name.endswith("_id"):
                settings["type"], settings["metavar"] = identifier, "ID"
        if keyword.kind == "texts":
            settings["action"] = "extend"
        parser.add_argument(keyword.option, **settings)


def given(options: Namespace, keywords: Iterable[Keyword]) -> dict[str, Any]:
    """Return the keyword arguments that were given as options."""
    values = {keyword.name: getattr(options, keyword.name) for keyword in keywords}
    return {name: value for name, value in values.items() if value is not None}


def read_keywords(
    function: Callable[..., Any], singular: str, docs: Sequence[str | None], advice: Mapping[str, Advice]
) -> Iterator[Keyword]:
    """Yield the options of a function's keyword-only arguments that can be given on a command line.

    What help says is from the view's *advice*, else from the first of the docstrings that speaks of the argument.
    """
    hints = get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        found = kind_of(hints.get(name))
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or name in OWN or found is None:
            continue
        known = advice.get(name, Advice())
        told = next(filter(None, (said_of(name, doc or "") for doc in docs)), "")
        yield Keyword(
            option=option_of(name, singular),
            name=name,
            help=(known.help or told or USUAL_HELP.get(name) or f"its {name.replace('_', ' ')}").replace("%", "%%"),
            kind=found[0],
            choices=known.choices or found[1],
        )


def option_of(name: str, singular: str) -> str:
    """Return the option for an argument, which need not repeat what it is about: `--type` for `persona_type`.

    That for an id is called by what it is the id of.
    """
    rest = name.removeprefix(f"{singular}_").removeprefix(f"{singular.partition('_')[0]}_").removesuffix("_id")
    return f"--{rest.replace('_', '-')}"


def kind_of(hint: Any) -> tuple[Any, tuple[str, ...]] | None:
    """Return the kind of option that a type takes, and its only values; None for a type that no option can give."""
    members: tuple[Any, ...] = get_args(hint) if get_origin(hint) in _UNIONS else (hint,)
    kinds = [each for each in members if each is not NoneType]
    for each in kinds:
        if get_origin(each) is Literal:
            return "text", tuple(map(str, get_args(each)))
        if get_origin(each) in _MANY and get_args(each)[0] is str:
            return "texts", ()
        if get_origin(each) is Mapping:
            return "json", ()
    simple = {bool: "switch", int: "number", float: "number", str: "text"}
    return next(((simple[each], ()) for each in kinds if each in simple), None)


def said_of(name: str, doc: str) -> str:
    """Return what a docstring says of an argument, as the help of an option; "" where it says nothing.

    That is an item of a list, as in `- *name*: what it is.`, or a sentence, as in `*name* is what it is.`
    """
    item = re.search(rf"^\s*- [^:\n]*\*{name}\*[^:\n]*: (.*?)(?=\n\s*-|\n\s*\n|\Z)", doc, re.DOTALL | re.MULTILINE)
    sentence = re.search(rf"\*{name}\*,? (?:is |are )?(.*?)(?:[.;](?=\s)|\.?\Z)", doc, re.DOTALL)
    found = item or sentence
    words = one_line(found[1]).replace("`", "").replace("*", "").rstrip(".") if found else ""
    return words if len(words) <= LONGEST_HELP and words.isascii() else ""
