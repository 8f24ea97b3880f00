"""The parser of a command's arguments."""

import pytest

from tavus_async.cli.exits import UsageError
from tavus_async.cli.main import parse


@pytest.mark.parametrize(
    "words",
    [
        "--api-key sk-1 personas get p1",
        "personas --api-key=sk-1 get",
        "personas get p1 --api-key sk-1",
    ],
)
def test_a_key_on_the_command_line_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words.split())

    assert "TAVUS_API_KEY" in str(caught.value)
    assert "sk-1" not in str(caught.value)


def test_options_may_stand_among_the_arguments() -> None:
    options = parse(["personas", "get", "p1", "--pretty", "p2", "--rate", "5", "p3"])

    assert (options.ids, options.pretty, options.rate) == (["p1", "p2", "p3"], True, 5)


def test_the_line_of_usage_has_what_must_be_given() -> None:
    usage = parse(["personas", "fetch", "-o", "x", "p1"]).parser.format_usage()

    assert usage == "usage: tavus-async personas fetch -o FILE [OPTIONS] [ID ...]\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("personas get p1 --nosuch", "unknown option: --nosuch (see tavus-async personas get --help)"),
        ("--nosuch", "unknown option: --nosuch; the options of a command stand after it (see tavus-async --help)"),
        (
            "--rate=5 personas get p1",
            "unknown option: --rate; the options of a command stand after it (see tavus-async --help)",
        ),
        (
            "personas --apikey sk-1 get p1",
            "unknown option: --apikey; the options of a command stand after it (see tavus-async personas --help)",
        ),
        ("nothing-like-it", "unknown command: nothing-like-it (see tavus-async --help)"),
        ("personae", "unknown command: personae; did you mean personas? (see tavus-async --help)"),
        ("perso", "unknown command: perso; did you mean personas? (see tavus-async --help)"),
        ("get p1", "unknown command: get; did you mean personas get? (see tavus-async --help)"),
        ("skills delete x", "unknown command: delete; there are get, list (see tavus-async skills --help)"),
        ("personas end", "unknown command: end; did you mean conversations end? (see tavus-async personas --help)"),
        ("personas gte", "unknown command: gte; did you mean get? (see tavus-async personas --help)"),
        (
            "personas list --type mine",
            "--type: must be user or system, not 'mine' (see tavus-async personas list --help)",
        ),
        (
            "personas get p1 --prety",
            "unknown option: --prety; did you mean --pretty? (see tavus-async personas get --help)",
        ),
        ("personas list p1", "unknown argument: p1 (see tavus-async personas list --help)"),
        (
            "personas fetch -o x --apikey=sk-1 p1",
            "unknown option: --apikey; did you mean --api-key-file? (see tavus-async personas fetch --help)",
        ),
        (
            "personas delete --apikey sk-1",
            "unknown option: --apikey; did you mean --api-key-file? (see tavus-async personas delete --help)",
        ),
        (
            "personas get p1 --rate 0",
            "--rate: must be a number above 0, not '0' (see tavus-async personas get --help)",
        ),
    ],
)
def test_wrong_usage_points_to_the_help_of_its_command_and_repeats_no_key(words: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words.split())

    assert str(caught.value) == reason
