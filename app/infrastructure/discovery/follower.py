"""Passes on what a source says when it matters: differences, and emptiness that lasts. Not for any one source."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from app.domain.entities.service import Target
from app.domain.ports import Clock, Events
from app.infrastructure.discovery.sources import DiscoveryFailed, Found, Source


class Follower:
    """Follows one source for one service. `name` names it in events."""

    def __init__(self, source: Source, name: str, empty_after: float, events: Events, clock: Clock) -> None:
        self._source = source
        self._name = name
        self._empty_after = empty_after
        self._events = events
        self._clock = clock
        self._given: tuple[Target, ...] | None = None
        self._empty_since: float | None = None
        """Since when the source has said nothing but that there are no targets, while some are given."""
        self._trouble = ""
        self._skipped: tuple[str, ...] = ()

    async def targets(self) -> AsyncGenerator[tuple[Target, ...], None]:
        """See ServiceDiscovery."""
        asking: asyncio.Task[Found] | None = None
        try:
            while True:
                # A question under way is not given up when the last targets have been kept for long enough.
                asking = asking or asyncio.get_running_loop().create_task(self._source.next())
                done, _ = await asyncio.wait((asking,), timeout=self._patience())
                given = self._given
                if done:
                    finished, asking = asking, None
                    self._take(finished)
                else:  # only emptiness sets a time limit
                    self._empty_since, self._given = None, ()
                if self._given is not None and self._given != given:
                    yield self._given
        finally:
            if asking is not None:
                asking.cancel()
                with suppress(asyncio.CancelledError, DiscoveryFailed):
                    await asking
            await self._source.aclose()

    def _patience(self) -> float | None:
        if self._empty_since is None:
            return None
        return max(self._empty_since + self._empty_after - self._clock(), 0.0)

    def _take(self, finished: asyncio.Task[Found]) -> None:
        try:
            found = finished.result()
        except DiscoveryFailed as error:
            # Silence is no proof of emptiness: the time begins again with the next answer.
            self._empty_since = None
            self._tell(str(error))
            return
        self._healed()
        self._tell_skipped(found)
        if found.targets or not self._given:
            self._given, self._empty_since = found.targets, None
        elif self._empty_since is None:
            self._empty_since = self._clock()
            kept = f"the last targets stay for {self._empty_after:g} s"
            self._events.warning("no target is found any more", discover=self._name, kept=kept)

    def _tell(self, reason: str) -> None:
        """Once for each new reason."""
        if reason != self._trouble:
            self._trouble = reason
            self._events.warning("targets cannot be discovered; the last ones stay", discover=self._name, reason=reason)

    def _healed(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._events.info("targets can be discovered again", discover=self._name)

    def _tell_skipped(self, found: Found) -> None:
        if found.skipped != self._skipped:
            self._skipped = found.skipped
            if found.skipped:
                self._events.warning(
                    "instances are left out", discover=self._name, reason="; ".join(found.skipped[:10])
                )
