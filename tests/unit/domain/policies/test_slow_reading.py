"""Who takes too little of what waits for him, and who only has a slow service."""

from app.domain.policies.slow_reading import ReadingPace, Taking

PACE = ReadingPace(idle=10.0, rate=1000)


def verdicts(pace: ReadingPace, each: int, queued: int, seconds: int, refill: bool = True) -> list[int]:
    """Seconds at which a client that takes `each` bytes a second is found too slow."""
    taking, taken, left = Taking(0, queued, 0.0), 0, queued
    found = []
    for second in range(1, seconds + 1):
        taken += min(each, left)
        left = queued if refill else left - min(each, left)
        if left and taking.is_too_slow(taken, left, float(second), pace):
            found.append(second)
    return found


def test_who_takes_nothing_is_found_at_the_idle_time() -> None:
    assert verdicts(PACE, 0, 100_000, 12) == [10, 11, 12]
    assert verdicts(ReadingPace(idle=3.0, rate=0), 0, 100_000, 4) == [3, 4]


def test_who_takes_too_little_is_found_after_the_grace() -> None:
    assert verdicts(PACE, 900, 100_000, 12) == [11, 12]
    assert verdicts(ReadingPace(idle=20.0, rate=1000), 900, 100_000, 25)[0] == 21


def test_who_takes_enough_is_not_and_neither_is_anybody_where_no_rate_is_asked_for() -> None:
    assert verdicts(PACE, 1000, 100_000, 300) == []
    assert verdicts(ReadingPace(rate=0), 10, 100_000, 300) == []


def test_a_slow_service_is_not_the_clients_fault() -> None:
    """A few bytes always wait, but never the same ones."""
    assert verdicts(PACE, 50, 50, 300) == []


def test_a_small_rest_is_taken_in_peace() -> None:
    assert verdicts(PACE, 500, 4_000, 30, refill=False) == []
