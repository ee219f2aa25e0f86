"""Runs the application for one exchange, at once: what needs to wait for nothing is done when its bytes came.

A task of asyncio begins in the next turn of the loop, which costs a plain exchange as much as parsing its head does.
Not for work that lives longer than an exchange.
"""

import asyncio
from asyncio import tasks
from collections.abc import Coroutine
from typing import Any, Protocol

enter: Any = tasks._enter_task  # what `asyncio.current_task` goes by (there is no other way)
leave: Any = tasks._leave_task


class Finished(Protocol):
    """Told when the application is done."""

    def finished(self, error: Exception | None) -> None:
        """`error` is what it raised."""
        ...


class Runner:
    """The task of an exchange, as far as `asyncio.timeout`, `asyncio.TaskGroup` and whoever cancels it can tell.

    Nobody can wait for it.
    """

    __slots__ = ("_cancels", "_coroutine", "_loop", "_must_cancel", "_owner", "_waits_for", "_wake")

    def __init__(self, loop: asyncio.AbstractEventLoop, owner: Finished, coroutine: Coroutine[Any, Any, None]) -> None:
        self._loop = loop
        self._owner = owner
        self._coroutine: Coroutine[Any, Any, None] | None = coroutine
        self._waits_for: Any = None
        self._must_cancel = False
        self._cancels = 0
        self._wake: Any = self._woken
        """One bound method for all waits."""

    def start(self) -> None:
        """Run until there is something to wait for. Not to be called from within a task."""
        self._step()

    def done(self) -> bool:
        """Whether the application has returned."""
        return self._coroutine is None

    def cancel(self, msg: object = None) -> bool:
        """As asyncio.Task."""
        if self._coroutine is None:
            return False
        self._cancels += 1
        waits_for = self._waits_for
        if waits_for is None or not waits_for.cancel():
            self._must_cancel = True
        return True

    def cancelling(self) -> int:
        """As asyncio.Task."""
        return self._cancels

    def uncancel(self) -> int:
        """As asyncio.Task."""
        if self._cancels > 0:
            self._cancels -= 1
        return self._cancels

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """As asyncio.Task."""
        return self._loop

    def _woken(self, future: Any) -> None:
        self._waits_for = None
        self._step()

    def _again(self) -> None:
        self._step()

    def _step(self) -> None:
        """Run on; what was waited for says by itself how it ended."""
        coroutine = self._coroutine
        if coroutine is None:
            return
        loop = self._loop
        enter(loop, self)
        try:
            if self._must_cancel:
                self._must_cancel = False
                awaited = coroutine.throw(asyncio.CancelledError())
            else:
                awaited = coroutine.send(None)
        except StopIteration:
            leave(loop, self)
            self._end(None)
        except asyncio.CancelledError:
            leave(loop, self)
            self._end(None)
        except Exception as failure:
            leave(loop, self)
            self._end(failure)
        except BaseException:
            leave(loop, self)
            self._coroutine = None
            raise
        else:
            leave(loop, self)
            self._wait(awaited)

    def _wait(self, awaited: Any) -> None:
        if awaited is None:  # asyncio.sleep(0)
            self._loop.call_soon(self._again)
            return
        awaited._asyncio_future_blocking = False
        awaited.add_done_callback(self._wake)
        self._waits_for = awaited
        if self._must_cancel and awaited.cancel():
            self._must_cancel = False

    def _end(self, error: Exception | None) -> None:
        self._coroutine = None
        self._wake = None
        self._owner.finished(error)
