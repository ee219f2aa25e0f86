"""When a change counts as live everywhere."""

import pytest

from benchmarks.churn.seen import Seen, in_milliseconds


def test_a_change_is_live_when_the_last_worker_shows_it() -> None:
    seen = Seen(2)
    seen.written("version", 1, 10.0)
    assert seen.outstanding(0) == seen.outstanding(1) == ["version"]
    seen.saw(0, "version", 1, 10.25)
    assert (seen.everywhere(), seen.never(), seen.all_seen) == ([], 1, False)
    seen.saw(1, "version", 1, 10.5)
    assert (seen.everywhere(), seen.never(), seen.all_seen) == ([0.5], 0, True)


def test_a_later_version_stands_for_those_before_it_and_an_earlier_one_for_none() -> None:
    seen = Seen(1)
    for number, at in ((1, 1.0), (3, 2.0)):
        seen.written("version", number, at)
    seen.written("traffic", 2, 1.5)
    seen.saw(0, "version", 0, 1.1)
    assert seen.never() == 3
    seen.saw(0, "version", 3, 2.5)
    assert sorted(seen.everywhere()) == [0.5, 1.5]
    assert seen.outstanding(0) == ["traffic"]


def test_milliseconds() -> None:
    assert in_milliseconds([0.0123456, 1.0]) == pytest.approx([12.346, 1000.0])
