"""A layered map is a dict in every respect, and no copy ever shows what happens to another."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies import layered_map
from app.domain.policies.layered_map import LayeredMap

KEYS = st.sampled_from([f"k{number}" for number in range(30)])
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "take", "copy"]), st.integers(0, 9), KEYS, st.integers() | st.none())
)


def same(subject: LayeredMap[int | None], expected: Mapping[str, int | None]) -> None:
    assert subject == expected
    assert len(subject) == len(expected) == len(list(subject))
    assert dict(subject.items()) == expected
    assert sorted(map(str, subject.values())) == sorted(map(str, expected.values()))
    for number in range(30):
        key = f"k{number}"
        assert (key in subject, subject.get(key, -1)) == (key in expected, expected.get(key, -1))


@pytest.mark.parametrize(("fewest", "small"), [(1, -1), (4, -1), (1, 15)])
@given(steps=STEPS, begin=st.dictionaries(KEYS, st.integers()))
def test_is_a_dict(
    fewest: int, small: int, steps: list[tuple[str, int, str, int | None]], begin: dict[str, int | None]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layered_map, "FEWEST", fewest)
        patch.setattr(layered_map, "SMALL", small)
        first = dict(begin)
        pairs = [(LayeredMap.of(begin), first.copy())]
        for step, which, key, value in steps:
            subject, expected = pairs[which % len(pairs)]
            if step == "put":
                subject[key] = expected[key] = value
            elif step == "take":
                subject.pop(key, None)
                expected.pop(key, None)
            else:
                pairs.append((subject.copy(), dict(expected)))
        for subject, expected in pairs:
            same(subject, expected)
        assert begin == first


def test_keeps_the_order_of_a_dict() -> None:
    subject = LayeredMap({"a": 1, "b": 2, "c": 3})
    subject["b"] = 4
    subject["d"] = 5
    del subject["a"]
    assert list(subject) == ["b", "c", "d"]
    assert list(subject.values()) == [4, 3, 5]
    assert repr(subject) == "LayeredMap({'b': 4, 'c': 3, 'd': 5})"


def test_what_is_not_there() -> None:
    subject = LayeredMap({"a": 1})
    del subject["a"]
    for key in ("a", "b"):
        with pytest.raises(KeyError):
            subject[key]
        with pytest.raises(KeyError):
            del subject[key]


def test_nothing_changes_what_it_was_made_of() -> None:
    below = {"a": 1}
    subject = LayeredMap.of(below)
    for number in range(2000):
        subject[str(number)] = number
    del subject["a"]
    assert below == {"a": 1}
    assert len(subject) == 2000


def test_many_changes_of_copies_are_put_together_now_and_then() -> None:
    subject = LayeredMap(dict.fromkeys(map(str, range(10_000)), 0))
    for number in range(1000):
        subject = subject.copy()
        subject[str(number)] = 1
        assert len(subject._above) <= 101
    assert sum(subject.values()) == 1000


def test_is_made_of_any_mapping() -> None:
    subject = LayeredMap.of(LayeredMap({"a": 1}))
    assert LayeredMap.of(MappingProxyType({"a": 1})) == subject == {"a": 1}


def test_a_small_copy_keeps_nothing_that_is_gone() -> None:
    gone = {"a", "b"}
    held: LayeredMap[frozenset[str]] = LayeredMap({"a": frozenset(gone), "b": frozenset()})
    subject = held.copy()
    subject["a"] = frozenset()
    del subject["b"]
    assert (subject._below, subject._above) == ({"a": frozenset()}, {})
    assert held == {"a": frozenset(gone), "b": frozenset()}
