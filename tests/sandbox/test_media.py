"""Links to files, judged by how they look."""

from typing import Any

import pytest

from tavus_async.sandbox.media import ending, is_link, is_unreachable, stem


@pytest.mark.parametrize("url", ["https://a.example/b.mp4", "http://127.0.0.1:9/x", "HTTPS://A.EXAMPLE"])
def test_a_link_is_an_http_url(url: str) -> None:
    assert is_link(url)


@pytest.mark.parametrize(
    "value", ["", "a.mp4", "ftp://a.example/a", "https://", "https://[::1", 5, None, ["https://a"]]
)
def test_anything_else_is_none(value: Any) -> None:
    assert not is_link(value)


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("https://nowhere.invalid/a.mp4", True),
        ("https://INVALID/a.mp4", True),
        ("https://a.b.invalid:8080", True),
        ("https://invalid.example/a", False),
        ("https://a.example/x.invalid", False),
    ],
)
def test_nothing_is_at_hosts_that_can_never_be(url: str, is_so: bool) -> None:
    assert is_unreachable(url) is is_so


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://a.example/b.MP4?x=.txt#.png", ".mp4"),
        ("https://a.example/b", ""),
        ("https://a.example", ""),
        ("https://a.example/b.c/d", ""),
    ],
)
def test_an_ending_is_that_of_the_files_name(url: str, told: str) -> None:
    assert ending(url) == told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://a.example/x/video_fps.mp4?x=y.z", "video_fps"),
        ("https://a.example/b", "b"),
        ("https://a.example/", ""),
        ("https://a.example", ""),
    ],
)
def test_a_stem_is_the_name_without_the_ending(url: str, told: str) -> None:
    assert stem(url) == told
