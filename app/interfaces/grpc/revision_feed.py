"""Hands one stream of revisions to any number of watchers. Not for where revisions come from."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

from app.domain.entities.control import Revision
from app.domain.ports import Events, Sleep

Revisions = Callable[[], AsyncIterator[Revision]]
"""Opens a stream: the revision that is live, if there is one, then each new one."""

_KEPT: Final = 64
"""Revisions that a watcher may be behind before it misses some."""
_PAUSE: Final = 1.0
"""Seconds before a stream that broke is opened again."""


class TooManyWatchers(Exception):
    """A watcher more than are allowed."""


class RevisionFeed:
    """Follows the revisions once, however many watch: a watcher costs a place in a list of waiters."""

    def __init__(self, revisions: Revisions, most_watchers: int, events: Events, sleep: Sleep) -> None:
        self._revisions = revisions
        self._most_watchers = most_watchers
        self._events = events
        self._sleep = sleep
        self._recent: deque[tuple[int, Revision]] = deque(maxlen=_KEPT)
        """With places in the order in which they came: numbers begin anew when the history was lost."""
        self._changed = asyncio.Event()
        self._closed = False
        self.watchers = 0
        """How many watch now."""

    async def follow(self) -> None:
        """Take in revisions until cancelled."""
        while True:
            try:
                async for revision in self._revisions():
                    self._take(revision)
            except Exception as error:
                self._events.error("revisions are not followed for a while", error=repr(error))
            await self._sleep(_PAUSE)

    def close(self) -> None:
        """End every watch, after what it has still to tell."""
        self._closed = True
        self._wake()

    async def watch(self) -> AsyncGenerator[Revision, None]:
        """The newest revision, then each new one until the feed is closed. Raises TooManyWatchers."""
        if self.watchers >= self._most_watchers:
            raise TooManyWatchers(f"{self._most_watchers} watchers are the most at a time: try again later")
        self.watchers += 1
        try:
            told = self._place() - 1
            while True:
                # Looked at before the revisions: one that comes while a slow watcher takes another is still told.
                changed, closed = self._changed, self._closed
                for place, revision in tuple(self._recent):
                    if place > told:
                        told = place
                        yield revision
                if closed:
                    return
                await changed.wait()
        finally:
            self.watchers -= 1

    def _take(self, revision: Revision) -> None:
        # A stream that is opened again begins with what may be known already.
        if not self._recent or revision != self._recent[-1][1]:
            self._recent.append((self._place() + 1, revision))
            self._wake()

    def _place(self) -> int:
        """Of the newest; 0 when there is none."""
        return self._recent[-1][0] if self._recent else 0

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
