from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.infrastructure.ratelimit.redis_setup import redis_counters
from tests.fakes import RecordedEvents


def test_nothing_is_opened_before_it_runs() -> None:
    def locate() -> list[object]:
        raise AssertionError("too early")

    events = RecordedEvents()
    made = redis_counters("redis://x", locate, 0.05, "p:", lambda: 0.0, events)  # type: ignore[arg-type]  # no nodes
    assert isinstance(made, RedisCounters)
    assert (made.is_open, made.questions, events.seen) == (False, 0, [])
