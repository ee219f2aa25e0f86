"""Whether a side that says nothing is alive: pings, one timer for a connection. Not for sockets."""

import asyncio
import os
from collections.abc import Callable
from typing import Final

_NOBODY: Final = -1.0
_PAYLOAD: Final = 4
"""Bytes of a ping."""


class Liveness:
    """A side that is silent for the ping time while somebody reads is pinged; silent for as long again, it is dead."""

    __slots__ = ("_asked", "_dead", "_loop", "_payload", "_ping", "_ponged", "_seconds", "_since", "_timer")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, ping: Callable[[bytes], None], dead: Callable[[], None]
    ) -> None:
        """`seconds` is the ping time, 0 for none; `ping` sends one, if it can; `dead` is called at most once."""
        self._loop = loop
        self._seconds = seconds
        self._ping = ping
        self._dead = dead
        self._since = _NOBODY
        """Since when somebody waits for a message, in seconds of the loop."""
        self._asked = False
        self._ponged = False
        self._payload = b""
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        if self._seconds:
            self._look_in(self._seconds)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def waiting(self) -> None:
        """Somebody waits for a message from now on."""
        self._since = self._loop.time()

    def heard(self) -> None:
        """A message was given to whoever reads."""
        self._since = _NOBODY
        self._asked = False

    def spoke(self) -> None:
        """A message came, and somebody waits for the next one."""
        self._since = self._loop.time()
        self._asked = False

    def pong(self, payload: bytes) -> None:
        """A pong came."""
        if payload == self._payload:
            self._ponged = True

    def _look(self) -> None:
        now = self._loop.time()
        left = self._seconds if self._since == _NOBODY else self._since + self._seconds - now
        if left > 0:
            self._look_in(left)
        elif self._asked and not self._ponged:
            self._dead()
        else:
            self._asked = True
            self._ponged = False
            self._payload = os.urandom(_PAYLOAD)
            self._ping(self._payload)
            self._since = now
            self._look_in(self._seconds)

    def _look_in(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._look)
