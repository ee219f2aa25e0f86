"""Targets from DNS: the addresses of a name, or its SRV records. Not for asking name servers: `dns_records`.

An address record says only where; an SRV record says port and weight too, and which others to leave alone (RFC 2782).
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.domain.ports import Clock, Sleep
from app.infrastructure.discovery.addresses import in_order, target_url
from app.infrastructure.discovery.dns_records import DnsRecords, Records
from app.infrastructure.discovery.sources import DiscoveryFailed, Found

MIN_TTL: Final = 5.0
MAX_TTL: Final = 60.0
"""Seconds between two questions, whatever the records say; Consul's and Kubernetes' say 0 to 30."""
RETRY_FIRST: Final = 1.0
RETRY_MOST: Final = 4.0
"""Seconds after a failure: doubling from the first to the most."""

FAMILIES: Final = ("A", "AAAA")

_GRACE: Final = 0.25
"""Seconds that IPv6 addresses may be late when there are IPv4 ones."""
_HEAVIEST: Final = 65535
_LIGHTER: Final = 100
"""How many times lighter than one of weight 1 a record of weight 0 is taken among others."""


class DnsService:
    """The Source of `discover.dns` and `discover.srv`."""

    def __init__(
        self, discover: Discover, records: DnsRecords, clock: Clock, sleep: Sleep, random: Callable[[], float]
    ) -> None:
        """`random` gives floats of [0, 1), so that workers do not ask in step."""
        self._discover = discover
        self._records = records
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._due = 0.0
        self._failures = 0
        self._families: dict[str, Records] = {}
        """What each family of addresses had when it was last told."""

    async def next(self) -> Found:
        """See the Source."""
        delay = self._due - self._clock()
        if delay > 0:
            await self._sleep(delay)
        try:
            found, ttl = await (self._from_srv() if self._discover.srv else self._from_addresses())
        except DiscoveryFailed:
            self._failures += 1
            self._wait(min(RETRY_FIRST * 2.0 ** min(self._failures - 1, 10), RETRY_MOST))
            raise
        self._failures = 0
        self._wait(min(max(ttl, MIN_TTL), MAX_TTL))
        return found

    async def aclose(self) -> None:
        """See the Source: nothing stays open."""

    def _wait(self, seconds: float) -> None:
        """A tenth earlier at most: never later than the time after which the answer does not hold."""
        self._due = self._clock() + seconds * (1.0 - self._random() / 10)

    async def _from_addresses(self) -> tuple[Found, float]:
        """One family that cannot be had keeps what it had, as long as the other can; some servers never answer AAAA."""
        failures = []
        for kind, told in zip(FAMILIES, await self._both_families(), strict=True):
            if isinstance(told, Records):
                self._families[kind] = told
            else:
                failures.append(told)
        answers = [answer for answer in self._families.values() if answer.records]
        if len(failures) == len(FAMILIES) or (failures and not answers):
            raise failures[0]
        hosts = [record.address for answer in answers for record in answer.records]
        found = self._found((host, self._discover.port, 100) for host in hosts)
        return found, min((answer.ttl for answer in answers), default=0.0)

    async def _both_families(self) -> tuple[Records | DiscoveryFailed, Records | DiscoveryFailed]:
        async with asyncio.TaskGroup() as tasks:
            ipv4 = tasks.create_task(self._family("A"))
            ipv6 = tasks.create_task(self._family("AAAA"))
            await asyncio.wait((ipv4,))
            first = ipv4.result()
            await asyncio.wait((ipv6,), timeout=_GRACE if isinstance(first, Records) and first.records else None)
            ipv6.cancel()
        return first, DiscoveryFailed("addresses of IPv6 are late") if ipv6.cancelled() else ipv6.result()

    async def _family(self, kind: str) -> Records | DiscoveryFailed:
        try:
            return await self._records.ask(self._discover.dns, kind)
        except DiscoveryFailed as error:
            return error

    async def _from_srv(self) -> tuple[Found, float]:
        answer = await self._records.ask(self._discover.srv, "SRV")
        # A single record whose target is the root says that the service is decidedly not there.
        records = [record for record in answer.records if record.target.to_text() != "."]
        first = min((record.priority for record in records), default=0)
        chosen = [record for record in records if record.priority == first]
        weights = _weights([record.weight for record in chosen])
        named = zip(chosen, weights, strict=True)
        return self._found((_host(record), record.port, weight) for record, weight in named), answer.ttl

    def _found(self, instances: Iterable[tuple[str, int, int]]) -> Found:
        targets: list[Target] = []
        skipped: list[str] = []
        for host, port, weight in instances:
            try:
                targets.append(Target(target_url(self._discover.scheme, host, port), weight))
            except ValueError as error:
                skipped.append(str(error))
        if skipped and not targets:
            raise DiscoveryFailed(f"no record can be a target: {skipped[0]}")
        return Found(in_order(targets), tuple(sorted(skipped)))


def _host(record: Any) -> str:
    return str(record.target.to_text(omit_final_dot=True))


def _weights(weights: list[int]) -> list[int]:
    """In RFC 2782 a weight of 0 has a very small chance among others; here it would have none."""
    if not any(weights):
        return [100] * len(weights)
    if all(weights):
        return weights
    return [min(weight * _LIGHTER, _HEAVIEST) or 1 for weight in weights]
