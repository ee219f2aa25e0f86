"""Notices that a file may have changed, however it was changed. Not for reading it.

The system's notices come at once, but not for every file (a bind mount, a network file system, a link to another
directory); so the file's own state is looked at twice a second as well.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Final

from watchfiles import awatch

from app.domain.ports import Events

LOOK_EVERY: Final = 0.5
SETTLE: Final = 0.05
"""A file that was written within this time may still be written to."""
LONGEST_SETTLE: Final = 10
"""Looks after which a file that is written to all the time counts as changed."""

State = tuple[int, ...]
"""What tells one version of a file from the next; empty when there is no file."""


Watch = Callable[[Path], AsyncGenerator[object, None]]
"""Gives something whenever it may be worth a look at a directory: the changes, as pairs whose second part is a path,
if it knows them. Raises OSError or RuntimeError when it cannot."""


def state_of(path: Path) -> State:
    """The state of what `path` leads to through all links."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class FileChanges:
    """Watches one file, which may come and go, with its directory. `events` hears of watches that fail."""

    def __init__(self, path: Path, events: Events, watch: Watch | None = None) -> None:
        """`watch` is watchfiles by default."""
        self._path = path
        self._events = events
        self._watch = watch or _watch
        self._failed = ""
        self.looked = 0.0
        """Time of the event loop at which the file was looked at last."""

    async def __call__(self) -> AsyncGenerator[None, None]:
        """Yields at the start, and whenever the file is in another state than the last time, or is not there."""
        state: State | None = None
        async with aclosing(self._notices()) as notices:
            async for _ in notices:
                settled = await self._settled(state)
                if settled != state:
                    state = settled
                    yield

    async def _notices(self) -> AsyncGenerator[None, None]:
        """Whenever it is worth a look, for ever."""
        directory = self._path.parent
        while True:
            watched = await _identity(directory)
            try:
                async with aclosing(self._watch(directory)) as notices:
                    async for changes in notices:
                        if self._elsewhere(changes):
                            continue
                        yield
                        if await _identity(directory) != watched:
                            # Removed, perhaps made again: a watch stays with the old one.
                            break
            except (OSError, RuntimeError) as error:
                self._report(error)
            await asyncio.sleep(LOOK_EVERY)
            yield

    def _elsewhere(self, changes: object) -> bool:
        """Whether only other files of the directory changed, and the next look is not due: a log that is written all
        the time would cost one look after the other."""
        if not isinstance(changes, set) or not changes:
            return False
        names = {Path(path).name for _, path in changes}
        # A mounted ConfigMap changes by a link whose name begins with two dots.
        if self._path.name in names or any(name.startswith("..") for name in names):
            return False
        return asyncio.get_running_loop().time() - self.looked < LOOK_EVERY

    async def _settled(self, before: State | None) -> State:
        """The state once nobody writes to the file any more."""
        self.looked = asyncio.get_running_loop().time()
        state = await asyncio.to_thread(state_of, self._path)
        for _ in range(LONGEST_SETTLE):
            if state == before:
                break
            await asyncio.sleep(SETTLE)
            earlier, state = state, await asyncio.to_thread(state_of, self._path)
            if state == earlier:
                break
        return state

    def _report(self, error: Exception) -> None:
        """Once for each kind of failure: it comes again twice a second."""
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        if reason != self._failed:
            self._failed = reason
            directory = str(self._path.parent)
            self._events.warning("a directory cannot be watched, only looked at", directory=directory, reason=reason)


async def _identity(directory: Path) -> State:
    """Device and inode, which a directory made anew does not share."""
    return (await asyncio.to_thread(state_of, directory))[:2]


async def _watch(directory: Path) -> AsyncGenerator[object, None]:
    notices = awatch(
        directory,
        watch_filter=None,
        debounce=100,
        step=20,
        rust_timeout=int(LOOK_EVERY * 1000),
        yield_on_timeout=True,
        recursive=False,
    )
    async with aclosing(notices):
        async for changes in notices:
            yield changes
