"""Which links to files are followed, and what of them is shown."""

import pytest

from tavus_async import ConnectError
from tavus_async._http.download import check_link, join, place_of

NOWHERE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("link", "came_from"),
    [
        ("https://files.example/v.mp4?sig=x", None),
        ("https://files.example/v.mp4", "https://tavus.example/v1"),
        ("http://127.0.0.1:8080/v.mp4", None),
        ("http://localhost/v.mp4", "http://127.0.0.1:1/"),
        ("http://inside.example/v.mp4", None),
    ],
)
def test_a_link_is_followed_that_nobody_can_read_or_that_stays_on_this_machine(
    link: str, came_from: str | None
) -> None:
    try:
        check_link(link, came_from, frozenset({"inside.example"}))
    except ConnectError as refusal:
        pytest.fail(str(refusal))


@pytest.mark.parametrize(
    ("link", "came_from", "words"),
    [
        ("http://files.example/v.mp4", None, r"files\.example over plain http"),
        ("http://files.example/v.mp4", "https://files.example/", r"files\.example over plain http"),
        ("https://127.0.0.1/admin", "https://files.example/v", r"files\.example redirects to this machine"),
        ("http://localhost/admin", "https://files.example/v", r"files\.example redirects to this machine"),
        ("ftp://files.example/v.mp4", None, "no URL of http or https"),
        ("https://files.example:0/v.mp4", None, "no URL of http or https"),
        ("https://files.example:99999/v.mp4", None, "no URL of http or https"),
        ("", None, "no URL of http or https"),
    ],
)
def test_any_other_link_is_not(link: str, came_from: str | None, words: str) -> None:
    with pytest.raises(ConnectError, match=words) as failure:
        check_link(link, came_from, NOWHERE)

    assert failure.value.is_lasting


def test_no_message_shows_what_is_secret_in_a_link() -> None:
    assert place_of("https://me:pass@files.example:8443/a/b.mp4?token=t0ken#x") == "https://files.example:8443/a/b.mp4"
    assert place_of("https://[::1") == "a link that is no URL"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/b", "https://files.example/b"),
        ("c?x=%2F", "https://files.example/a/c?x=%2F"),
        ("//other.example/d", "https://other.example/d"),
        ("http://other.example/d", "http://other.example/d"),
    ],
)
def test_a_redirect_leads_where_browsers_would_go(target: str, expected: str) -> None:
    assert join("https://files.example/a/b", target) == expected
