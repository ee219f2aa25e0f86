import pytest

from app.infrastructure.config.consul_pace import BURST, EVERY, RETRY_MOST, Pace


class Time:
    """A clock that sleeps move."""

    def __init__(self, random: float = 1.0) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.pace = Pace(lambda: self.now, self._sleep, lambda: random)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_a_few_questions_follow_at_once_then_they_are_spread() -> None:
    time = Time()
    for _ in range(BURST):
        await time.pace.turn()
    assert time.slept == []
    for _ in range(3):
        await time.pace.turn()
    assert time.slept == [pytest.approx(EVERY)] * 3


async def test_time_without_questions_gives_the_burst_back() -> None:
    time = Time()
    for _ in range(BURST + 1):
        await time.pace.turn()
    time.slept.clear()
    time.now += 3600
    for _ in range(BURST):
        await time.pace.turn()
    assert time.slept == []
    await time.pace.turn()
    assert time.slept == [pytest.approx(EVERY)]


async def test_failures_back_off_to_a_bound_and_success_ends_it() -> None:
    time = Time()
    for _ in range(8):
        time.pace.failed()
        await time.pace.turn()
    assert time.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]
    time.pace.worked()
    time.slept.clear()
    await time.pace.turn()
    assert time.slept == []
    time.pace.failed()
    await time.pace.turn()
    assert time.slept == [0.25]


@pytest.mark.parametrize(("random", "waited"), [(0.0, 2.0), (0.5, 3.0)])
async def test_waiting_has_jitter(random: float, waited: float) -> None:
    time = Time(random)
    for _ in range(2000):
        time.pace.failed()
    await time.pace.turn()
    assert time.slept == [waited]
    assert waited <= RETRY_MOST
