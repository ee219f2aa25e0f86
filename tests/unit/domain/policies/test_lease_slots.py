import pytest

from app.domain.policies.lease_slots import ALWAYS, SlotLease
from app.domain.policies.lease_span import Span
from app.domain.policies.lease_ticks import TICKS

START = 1000 * TICKS
SECOND = TICKS


def lease(first: float, count: int = 3, step: float = 1.0, tolerance: float = 2.0) -> SlotLease:
    """Slots a second apart; it was 0 for us at both ends of the message when it was START there."""
    span = Span(START, 0.0, 0.0)
    tolerated = ALWAYS if tolerance < 0 else int(tolerance * SECOND)
    return SlotLease(START + int(first * SECOND), count, int(step * SECOND), tolerated, span)


def test_a_slot_may_be_used_from_its_tolerance_before_its_time() -> None:
    slots = lease(5.0)
    assert not slots.use(1, 2.9)
    assert slots.use(1, 3.1)
    assert slots.count == 2
    assert not slots.use(1, 3.9)
    assert slots.use(1, 4.1)


def test_a_slot_is_lost_after_its_time() -> None:
    slots = lease(5.0)
    assert slots.use(1, 5.5)
    assert slots.count == 1
    assert not slots.use(1, 7.5)
    assert (slots.count, slots.unused) == (0, 0)


def test_an_event_that_costs_more_needs_all_of_its_slots() -> None:
    slots = lease(5.0)
    assert not slots.use(2, 3.5)
    assert slots.opens(2) == START + 4 * SECOND
    assert slots.use(2, 4.1)
    assert not slots.use(2, 4.2)
    assert slots.count == 1


def test_the_time_there_is_taken_for_the_worst() -> None:
    """The question was asked at 0 and answered at 1: it was START there some time in between."""
    span = Span(START, 0.0, 1.0)
    early = SlotLease(START + 5 * SECOND, 1, SECOND, 3 * SECOND // 2, span)
    assert not early.use(1, 4.4)  # 3.4 to 4.4 there
    assert early.use(1, 4.6)
    late = SlotLease(START + 5 * SECOND, 1, SECOND, 3 * SECOND, span)
    assert not late.use(1, 5.1)  # 4.1 to 5.1 there


def test_paid_units_are_good_until_one_time_and_can_be_given_back_after_it() -> None:
    units = lease(5.0, 3, 0, -1)
    assert units.use(2, 0.0)
    assert not units.use(1, 5.1)
    assert (units.count, units.unused) == (0, 1)


@pytest.mark.parametrize("now", [5.9, 5.999])
def test_only_slots_that_are_over_are_dropped(now: float) -> None:
    slots = lease(5.0, 2)
    assert slots.use(1, now - 0.01)
    assert slots.count == 0
