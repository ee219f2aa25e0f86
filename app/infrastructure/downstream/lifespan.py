"""The application's own beginning and end, as ASGI has them (`lifespan`). Not for requests."""

import asyncio
from typing import Final

from app.infrastructure.downstream.site import Application, Message

_LAST: Final = 1.0
"""Seconds for an application that does not start to give back what it holds."""
_FAILURES: Final = ("lifespan.startup.failed", "lifespan.shutdown.failed")


class LifespanFailed(Exception):
    """The application could not start, or not end: its own words."""


class Lifespan:
    """`start` once, and when that was so, `stop` once."""

    def __init__(self, app: Application, state: dict[str, object]) -> None:
        self._app = app
        self._state = state
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._started = False
        self._failure = ""
        self._said = asyncio.Event()
        """Set when the application has said that it started, or that it failed to, and when it has ended."""
        self._task: asyncio.Task[None] | None = None

    async def start(self, stop: asyncio.Event) -> bool:
        """Whether it started: not when `stop` was set before. Raises LifespanFailed."""
        self._messages.put_nowait({"type": "lifespan.startup"})
        loop = asyncio.get_running_loop()
        self._task = task = loop.create_task(self._run())
        stopped, said = loop.create_task(stop.wait()), loop.create_task(self._said.wait())
        await asyncio.wait({stopped, said}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        said.cancel()
        if self._started:
            return True
        task.cancel()
        await asyncio.wait({task}, timeout=_LAST)
        if not self._said.is_set() or stop.is_set():
            return False
        raise LifespanFailed(self._failure or "the application ended before it had started")

    async def stop(self) -> None:
        """Let the application end. Raises LifespanFailed."""
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._failure:
            raise LifespanFailed(self._failure)

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self._app(scope, self._messages.get, self._send)
        except Exception as error:
            self._failure = self._failure or f"{type(error).__name__}: {error}"
        self._said.set()

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self._started = True
        elif message["type"] in _FAILURES:
            self._failure = message.get("message") or "the application gave no reason"
        self._said.set()
