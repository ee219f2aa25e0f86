"""Keeps the addresses of upstream hosts ready, so that requests do not wait for DNS (F-18, F-40). Not for asking DNS.

An answer that has expired is still given while a new one is fetched behind it, and stays when none can be had.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from app.domain.errors import ConnectFailed
from app.domain.ports import Clock
from app.infrastructure.transport.dns_client import Answer
from app.infrastructure.transport.lookup import Lookup, SystemLookup

RETRY_FIRST: Final = 1.0
RETRY_MOST: Final = 5.0
"""Seconds until a name whose look-up failed is asked for again: doubling from the first to the most."""


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """How long answers are kept, in seconds, and how much is done at once."""

    min_ttl: float = 1.0
    max_ttl: float = 60.0
    stale: float = 3600.0
    """How long after its expiry the last good answer is given when no newer one can be had."""
    timeout: float = 2.0
    """For each look-up, and for waiting for its turn."""
    parallel: int = 100
    """Look-ups under way at a time; high, because names of dead servers hold theirs until the timeout."""
    size: int = 4096
    """Names kept; the least recently used goes."""


class _Entry:
    """What is known of one name."""

    __slots__ = ("addresses", "failure", "failures", "fresh_until", "good_until")

    def __init__(self) -> None:
        self.addresses: tuple[str, ...] = ()
        self.fresh_until = 0.0
        """Until then no look-up is made, be the last one good or failed."""
        self.good_until = 0.0
        """Until then `addresses` may be given."""
        self.failure = ""
        self.failures = 0


class Resolver:
    """Addresses of hosts, from a cache that refreshes itself. All methods are for one running event loop."""

    def __init__(
        self, settings: ResolverSettings | None = None, lookup: Lookup | None = None, clock: Clock | None = None
    ) -> None:
        """`clock` defaults to the running loop's, `lookup` to the system's."""
        self._settings = settings or ResolverSettings()
        self._lookup = lookup or SystemLookup(self._settings.timeout)
        self._clock = clock or _loop_time
        self._entries: dict[str, _Entry] = {}
        self._flights: dict[str, asyncio.Task[_Entry]] = {}
        self._slots = asyncio.Semaphore(self._settings.parallel)

    def cached(self, host: str) -> tuple[str, ...] | None:
        """The addresses of `host` without waiting: fresh, or the last good ones while a refresh is under way.

        An IP literal is its own address. None when nothing is known: then `resolve`.
        """
        if _is_address(host):
            return (host,)
        entry = self._entries.pop(host, None)
        if entry is None:
            return None
        self._entries[host] = entry
        now = self._clock()
        if now >= entry.good_until:
            return None
        if now >= entry.fresh_until:
            self._start(host)
        return entry.addresses

    async def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of `host`, from the cache or looked up; at most one look-up of a name is under way at a time.

        Raises ConnectFailed that says which name and why. A failure is remembered for a second at least.
        """
        found = self.cached(host)
        if found is not None:
            return found
        entry = self._entries.get(host)
        if entry is None or self._clock() >= entry.fresh_until:
            flight = self._start(host)
            # A caller that gives up must not end the look-up that others wait for: `wait` never does.
            await asyncio.wait((flight,))
            if flight.cancelled():
                raise ConnectFailed(f"cannot resolve {host}: the gateway is stopping")
            entry = flight.result()
        if not entry.addresses:
            raise ConnectFailed(entry.failure)
        return entry.addresses

    async def aclose(self) -> None:
        """End every look-up that is under way; who waits for one gets ConnectFailed."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    def _start(self, host: str) -> asyncio.Task[_Entry]:
        flight = self._flights.get(host)
        if flight is None:
            flight = asyncio.get_running_loop().create_task(self._fly(host))
            self._flights[host] = flight
            flight.add_done_callback(lambda _: self._flights.pop(host))
        return flight

    async def _fly(self, host: str) -> _Entry:
        try:
            answer = await self._look_up(host)
        except ConnectFailed as error:
            return self._keep_failure(host, error.detail)
        except Exception as error:
            # Nobody waits for a refresh, so whatever it raises must end up in the entry.
            return self._keep_failure(host, f"cannot resolve {host}: {error!r}")
        return self._keep_answer(host, answer)

    async def _look_up(self, host: str) -> Answer:
        try:
            async with asyncio.timeout(self._settings.timeout):
                await self._slots.acquire()
        except TimeoutError:
            raise ConnectFailed(f"cannot resolve {host}: too many look-ups are under way") from None
        try:
            return await self._lookup(host)
        finally:
            self._slots.release()

    def _entry(self, host: str) -> _Entry:
        entry = self._entries.get(host)
        if entry is None:
            entry = self._entries[host] = _Entry()
            while len(self._entries) > self._settings.size:
                del self._entries[next(iter(self._entries))]
        return entry

    def _keep_answer(self, host: str, answer: Answer) -> _Entry:
        entry, settings = self._entry(host), self._settings
        entry.addresses = answer.addresses
        entry.fresh_until = self._clock() + min(max(answer.ttl, settings.min_ttl), settings.max_ttl)
        entry.good_until = entry.fresh_until + settings.stale
        entry.failures = 0
        return entry

    def _keep_failure(self, host: str, failure: str) -> _Entry:
        entry, now = self._entry(host), self._clock()
        entry.failure = failure
        entry.fresh_until = now + min(RETRY_FIRST * 2.0**entry.failures, RETRY_MOST)
        entry.failures = min(entry.failures + 1, 10)
        if now >= entry.good_until:
            entry.addresses = ()
        return entry


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
