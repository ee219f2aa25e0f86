"""What came once does not come again, for a time, and the memory is bounded."""

from app.domain.policies.webhook_replays import Replays


def test_any_known_key_makes_a_replay() -> None:
    replays = Replays(seconds=10)
    assert replays.take(["id:1", "body:a"], 0)
    assert not replays.take(["id:1", "body:b"], 1)
    assert not replays.take(["id:2", "body:a"], 9)
    assert replays.take(["id:2", "body:b"], 9)


def test_what_expired_is_forgotten() -> None:
    replays = Replays(seconds=10)
    assert replays.take(["a"], 0)
    assert replays.take(["b"], 5)
    assert replays.take(["a"], 10)
    assert not replays.take(["b"], 14)
    assert replays.take(["c"], 100)
    assert len(replays) == 1


def test_a_failure_may_come_again() -> None:
    replays = Replays()
    assert replays.take(["a", "b"], 0)
    replays.forget(["a", "b", "never"])
    assert replays.take(["a", "b"], 0)


def test_the_oldest_make_room() -> None:
    replays = Replays(seconds=10, most=3)
    for number in range(5):
        assert replays.take([str(number)], 0)
    assert len(replays) == 3
    assert not replays.take(["4"], 0)
    assert replays.take(["0"], 0)
