import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from tavus_async._http.body import TooLargeError, decompress

LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, bare": raw_deflate,
    "identity": bytes,
    "": bytes,
}


@pytest.mark.parametrize("kind", PACKERS)
@given(data=st.binary(max_size=300))
def test_what_was_packed_is_unpacked(kind: str, data: bytes) -> None:
    assert decompress(PACKERS[kind](data), kind.partition(",")[0], limit=LIMIT) == data


@pytest.mark.parametrize("encoding", ["GZIP", " gzip ", "Gzip\t"])
def test_the_encoding_may_be_spelled_in_any_case(encoding: str) -> None:
    assert decompress(gzip.compress(b"abc"), encoding, limit=LIMIT) == b"abc"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_empty_body_is_empty_in_any_encoding(encoding: str) -> None:
    assert decompress(b"", encoding, limit=LIMIT) == b""


def test_members_that_follow_each_other_are_one_body() -> None:
    assert decompress(gzip.compress(b"abc") + gzip.compress(b"") + gzip.compress(b"def"), "gzip", limit=6) == b"abcdef"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 10_000])
def test_an_encoding_that_was_not_asked_for_is_refused_in_a_few_words(encoding: str) -> None:
    with pytest.raises(ValueError, match="was not asked for") as caught:
        decompress(b"abc", encoding, limit=LIMIT)

    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("kind", ["gzip", "deflate", "deflate, bare"])
@given(data=st.binary(min_size=1, max_size=100), drop=st.integers(1, 30))
def test_a_body_that_is_cut_short_is_refused(kind: str, data: bytes, drop: int) -> None:
    packed = PACKERS[kind](data)
    short = packed[: max(1, len(packed) - drop)]

    with pytest.raises(ValueError):  # noqa: PT011 - zlib has many words for it
        decompress(short, kind.partition(",")[0], limit=LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@given(data=st.binary(min_size=1, max_size=60))
def test_rubbish_is_unpacked_or_refused_and_never_more_than_that(encoding: str, data: bytes) -> None:
    try:
        unpacked = decompress(data, encoding, limit=100)
    except ValueError:
        unpacked = b""

    assert len(unpacked) <= 100


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(ValueError, match="header"):
        decompress(gzip.compress(b"abc") + b"xyz", "gzip", limit=LIMIT)


def test_a_body_may_be_exactly_as_large_as_allowed() -> None:
    packed = gzip.compress(b"x" * 1000)

    assert decompress(packed, "gzip", limit=1000) == b"x" * 1000
    with pytest.raises(TooLargeError, match="more than 999 bytes"):
        decompress(packed, "gzip", limit=999)


def test_members_share_one_limit() -> None:
    packed = gzip.compress(b"x" * 600) * 2

    assert len(decompress(packed, "gzip", limit=1200)) == 1200
    with pytest.raises(TooLargeError):
        decompress(packed, "gzip", limit=1199)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))

    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decompress(bomb, "gzip", limit=100_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000
