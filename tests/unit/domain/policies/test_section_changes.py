"""Differences of large sections."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.section_changes import differences

SECTION = {str(n): n for n in range(2000)}


def plain(before: dict[str, int], after: dict[str, int]) -> tuple[set[str], set[str]]:
    return set(before) - set(after), {key for key in after if before.get(key) != after[key]}


def found(before: dict[str, int], after: dict[str, int]) -> tuple[set[str], set[str]]:
    gone, different = differences(before, after)
    assert len(gone) == len(set(gone))
    assert len(different) == len(set(different))
    return set(gone), set(different)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2)),
)
def test_small_sections(before: dict[str, int], after: dict[str, int]) -> None:
    assert found(before, after) == plain(before, after)


@pytest.mark.parametrize("seed", range(20))
def test_large_sections_with_a_few_changes(seed: int) -> None:
    chance = random.Random(seed)
    after = dict(SECTION)
    for _ in range(chance.choice([0, 1, 5, 100])):
        after.pop(str(chance.randrange(2000)), None)
    for _ in range(chance.choice([0, 1, 5, 600])):
        after[str(chance.randrange(3000))] = -1
    assert found(SECTION, after) == plain(SECTION, after)
    assert found(after, SECTION) == plain(after, SECTION)


def test_another_order_and_nothing_left() -> None:
    assert differences(SECTION, dict(reversed(SECTION.items()))) == ([], [])
    assert differences(SECTION, {}) == (list(SECTION), [])
    assert differences({}, SECTION) == ([], list(SECTION))
    assert differences(SECTION, SECTION) == ([], [])
