"""Which kinds of persona are too rare to be trusted without a sample."""

from collections import Counter

import pytest

from tavus_async.resources.personas.sampling import common_kinds

COMMON, RARE = frozenset({"context"}), frozenset({"greeting"})


@pytest.mark.parametrize(("common", "rare"), [(50, 4), (496, 4), (991, 9), (4_951, 49)])
def test_a_kind_of_less_than_five_or_one_in_a_hundred_is_rare(common: int, rare: int) -> None:
    assert common_kinds(Counter({COMMON: common, RARE: rare})) == {COMMON}


@pytest.mark.parametrize(("common", "rare"), [(50, 5), (495, 5), (990, 10), (4_950, 50)])
def test_a_kind_of_as_many_is_common(common: int, rare: int) -> None:
    assert common_kinds(Counter({COMMON: common, RARE: rare})) == {COMMON, RARE}
