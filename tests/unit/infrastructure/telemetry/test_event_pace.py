"""How often one event is told."""

from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.telemetry.event_pace import MOST, PERIOD, EventPace


def test_a20_what_is_repeated_is_told_so_often_and_then_counted() -> None:
    pace = EventPace()
    told = [pace.untold("m", 5.0) for _ in range(MOST + 30)]
    assert told == [0] * MOST + [None] * 30
    assert pace.untold("other", 5.0) == 0
    assert pace.untold("m", 5.0 + PERIOD) == 30
    assert pace.untold("m", 5.0 + PERIOD) == 0


def test_a_clock_that_is_set_back_begins_anew() -> None:
    pace = EventPace()
    for _ in range(MOST + 1):
        pace.untold("m", 100.0)
    assert pace.untold("m", 50.0) == 1


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=400))
def test_a20_no_event_is_lost_uncounted(steps: list[tuple[str, float]]) -> None:
    pace, now = EventPace(), 0.0
    told = counted = asked = 0
    for message, wait in steps:
        now += wait
        asked += 1
        before = pace.untold(message, now)
        if before is not None:
            told += 1
            counted += before
    for message in "ab":
        now += PERIOD
        told, counted, asked = told + 1, counted + (pace.untold(message, now) or 0), asked + 1
    assert told + counted == asked


def test_many_messages_take_little_memory() -> None:
    pace = EventPace()
    for number in range(1000):
        assert pace.untold(str(number), 0.0) == 0
    assert len(pace._counts) <= 256
