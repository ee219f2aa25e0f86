"""Pings of a target that says nothing, with a clock by hand (F-38)."""

import asyncio
from collections.abc import Callable
from typing import cast

from app.infrastructure.wire.websocket_liveness import Liveness


class _Handle:
    def __init__(self) -> None:
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class _Loop:
    """Time that moves by hand, and at most one timer."""

    def __init__(self) -> None:
        self.now = 100.0
        self.due = 0.0
        self.handle = _Handle()
        self._call: Callable[[], None] | None = None

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> _Handle:
        self.due, self._call = self.now + seconds, call
        self.handle = _Handle()
        return self.handle

    def move(self, seconds: float) -> None:
        until = self.now + seconds
        while self._call is not None and not self.handle.cancelled and self.due <= until:
            self.now, call, self._call = self.due, self._call, None
            call()
        self.now = until


class _Rig:
    def __init__(self, seconds: float = 10.0) -> None:
        self.loop = _Loop()
        self.pings: list[bytes] = []
        self.deaths = 0
        loop = cast("asyncio.AbstractEventLoop", self.loop)
        self.liveness = Liveness(loop, seconds, self.pings.append, self._dead)
        self.liveness.start()

    def _dead(self) -> None:
        self.deaths += 1


def test_a_silent_target_is_pinged_and_dead_when_it_stays_silent() -> None:
    rig = _Rig()
    rig.liveness.waiting()
    rig.loop.move(9.9)
    assert rig.pings == []
    rig.loop.move(0.2)
    assert len(rig.pings) == 1
    rig.loop.move(9.7)
    assert rig.deaths == 0
    rig.loop.move(0.3)
    assert rig.deaths == 1
    rig.loop.move(100)
    assert (rig.deaths, len(rig.pings)) == (1, 1)


def test_one_that_answers_lives_and_is_asked_again() -> None:
    rig = _Rig()
    rig.liveness.waiting()
    for count in range(1, 4):
        rig.loop.move(10)
        assert len(rig.pings) == count
        rig.liveness.pong(rig.pings[-1])
    assert rig.deaths == 0
    assert len(set(rig.pings)) == 3


def test_a_pong_that_was_not_asked_for_proves_nothing() -> None:
    rig = _Rig()
    rig.liveness.waiting()
    rig.liveness.pong(b"")
    rig.loop.move(10)
    rig.liveness.pong(b"else")
    rig.loop.move(10)
    assert rig.deaths == 1


def test_f38_time_in_which_nobody_reads_does_not_count() -> None:
    rig = _Rig()
    rig.loop.move(1000)
    rig.liveness.waiting()
    rig.loop.move(5)
    rig.liveness.heard()
    rig.loop.move(1000)
    assert rig.pings == []
    rig.liveness.waiting()
    rig.loop.move(20)
    assert len(rig.pings) == 1


def test_a_message_after_a_ping_counts_as_an_answer() -> None:
    rig = _Rig()
    rig.liveness.waiting()
    rig.loop.move(11)
    rig.liveness.heard()
    rig.liveness.waiting()
    rig.loop.move(15)
    assert (len(rig.pings), rig.deaths) == (2, 0)


def test_without_a_ping_time_and_after_a_stop_nothing_happens() -> None:
    rig = _Rig(0)
    rig.liveness.waiting()
    rig.loop.move(1000)
    assert rig.pings == []
    rig.liveness.stop()
    rig = _Rig()
    rig.liveness.waiting()
    rig.liveness.stop()
    rig.loop.move(1000)
    assert rig.pings == []
