"""What happens often is told seldom, and with a count."""

from app.domain.policies.occasions import Occasions
from tests.fakes import RecordedEvents


def test_one_event_in_ten_seconds_for_each_thing() -> None:
    events, now = RecordedEvents(), [0.0]
    occasions = Occasions(events, lambda: now[0])
    for _ in range(100):
        occasions.add("closed", 2, address="a")
    occasions.add("refused", address="b")
    now[0] = 10.0
    occasions.add("closed", address="c")
    assert events.seen == [
        ("warning", "closed", {"count": 2, "address": "a"}),
        ("warning", "refused", {"count": 1, "address": "b"}),
        ("warning", "closed", {"count": 199, "address": "c"}),
    ]
