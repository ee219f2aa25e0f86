"""Keeps the keys of one issuer true to the JSON Web Key Set at its URL, in the background. Not for fetching it.

Good keys stay when a fetch fails or brings nothing usable, until they are too old (F-33, F-34). A key id that is not
known makes for one fetch more in 30 seconds at most, which everybody who needs it waits for together (A-53, A-62).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from app.domain.entities.issuer import Issuer
from app.domain.ports import Clock, Events
from app.domain.token_ports import KeysUnavailable
from app.infrastructure.security.key_reading import KeysRead, of_document
from app.infrastructure.security.key_set import KeySet

Fetch = Callable[[str], Awaitable[bytes]]
"""The content of a URL. Raises KeysUnavailable."""

ASKED_EVERY: Final = 30.0
"""Seconds between fetches that tokens ask for."""
LONGEST_WAIT: Final = 5.0
"""Seconds that a request waits for keys."""
FIRST_RETRY: Final = 1.0
LAST_RETRY: Final = 60.0
"""Seconds between tries while they fail: twice as many each time, between these."""
_SHORTEST: Final = 0.1


class JwksSource:
    """Implements KeySource."""

    def __init__(self, id_: str, issuer: Issuer, fetch: Fetch, events: Events, chance: tuple[Clock, Clock]) -> None:
        """`chance` is the monotonic clock, and what gives numbers between 0 and 1."""
        self._id: Final = id_
        self._issuer: Final = issuer
        self._fetch: Final = fetch
        self._events: Final = events
        self._clock, self._random = chance
        self.keys: KeySet | None = None
        self.version = 0
        self._content = b""
        self._problem = ""
        self._skipped: tuple[str, ...] = ()
        self._failures = 0
        self._usable_until = 0.0
        self._tried = asyncio.Event()
        """Set when the first fetch is over."""
        self._wake = asyncio.Event()
        self._asked: asyncio.Event | None = None
        """Set when a fetch is over that began after somebody asked; None when nobody has."""
        self._asked_at = float("-inf")

    def more(self) -> Awaitable[None] | None:
        """See KeySource."""
        if self.keys is None:
            return None if self._tried.is_set() else _wait(self._tried)
        if self._asked is None:
            now = self._clock()
            if now - self._asked_at < ASKED_EVERY:
                return None
            self._asked_at = now
            self._asked = asyncio.Event()
            self._wake.set()
        return _wait(self._asked)

    async def run(self) -> None:
        """See KeySource."""
        try:
            while True:
                self._wake.clear()
                asked = self._asked
                await self._try()
                self._tried.set()
                if asked is not None:
                    asked.set()
                    self._asked = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._wake.wait()
        finally:
            # Whoever waits need not wait until time is up.
            self._tried.set()
            if self._asked is not None:
                self._asked.set()

    async def _try(self) -> None:
        try:
            content = await self._fetch(self._issuer.jwks)
            read = of_document(content, self._issuer.algorithms)
            if read.keys is None:
                raise KeysUnavailable(f"no key of it can be used: {'; '.join(read.skipped) or 'it is empty'}")
        except (KeysUnavailable, ValueError) as error:
            self._failed(str(error))
        except Exception as error:
            self._failed(type(error).__name__)
        else:
            self._got(content, read)

    def _got(self, content: bytes, read: KeysRead) -> None:
        if content != self._content:
            self._content, self.keys = content, read.keys
            self.version += 1
        self._usable_until = self._clock() + self._issuer.refresh + self._issuer.stale
        self._failures = 0
        if self._problem:
            self._problem = ""
            self._events.info("the keys of an issuer could be fetched again", issuer=self._id)
        if read.skipped != self._skipped:
            self._skipped = read.skipped
            if read.skipped:
                self._events.warning(
                    "keys of an issuer are not used; the others are", issuer=self._id, problem="; ".join(read.skipped)
                )

    def _failed(self, problem: str) -> None:
        self._failures += 1
        if self.keys is not None and self._clock() >= self._usable_until:
            self.keys, self._content, self._problem = None, b"", ""
            self.version += 1
        if problem != self._problem:
            self._problem = problem
            kept = "the last ones stay" if self.keys is not None else "its tokens cannot be checked"
            self._events.warning(f"the keys of an issuer cannot be fetched: {kept}", issuer=self._id, problem=problem)

    def _pause(self) -> float:
        """Seconds until the next try. Workers and gateways should not all come at once."""
        refresh = float(self._issuer.refresh)
        if not self._failures:
            return max(refresh * (0.9 + 0.1 * self._random()), _SHORTEST)
        pause = min(refresh, LAST_RETRY, FIRST_RETRY * 2.0 ** min(self._failures - 1, 10))
        if self.keys is not None:
            pause = min(pause, self._usable_until - self._clock())
        return max(pause * (0.5 + 0.5 * self._random()), _SHORTEST)


async def _wait(event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT):
            await event.wait()
