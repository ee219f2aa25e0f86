"""Follows services whose targets are discovered, and sends their clusters there. Not for finding the targets."""

import asyncio
from collections.abc import Iterable
from typing import Final

from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.domain.discovery_ports import ServiceDiscovery
from app.domain.entities.discovery import Discover
from app.domain.entities.service import Service, Target
from app.domain.ports import Events

FIRST: Final = 2.0
"""Seconds that a start waits for the first answer of every source."""


class DiscoveredTargets:
    """What sources have answered last."""

    def __init__(self) -> None:
        self.known: dict[Discover, tuple[Target, ...]] = {}

    def of(self, service: Service) -> tuple[Target, ...]:
        """Where a service is, as far as is known: nowhere until its source has answered."""
        return service.targets if service.discover is None else self.known.get(service.discover, ())


class DiscoveryService:
    """One source is followed once, however many services name it."""

    def __init__(
        self, discovery: ServiceDiscovery, targets: DiscoveredTargets, balancing: LoadBalancerService, events: Events
    ) -> None:
        self._discovery = discovery
        self._known = targets.known
        self._balancing = balancing
        self._events = events
        self._clusters: dict[Discover, list[Cluster]] = {}
        self._wanted = asyncio.Event()
        self._answered = asyncio.Event()

    def follow(self, clusters: Iterable[Cluster]) -> None:
        """Keep these clusters, and no others, at the targets that their services have discovered."""
        wanted: dict[Discover, list[Cluster]] = {}
        for cluster in clusters:
            if cluster.service.discover is not None:
                wanted.setdefault(cluster.service.discover, []).append(cluster)
        before, self._clusters = self._clusters, wanted
        for discover, found in wanted.items():
            if discover in self._known:
                # What a new cluster was made with may be what its source said before the last answer.
                self._send([one for one in found if one not in before.get(discover, ())], self._known[discover])
        if before.keys() != wanted.keys():
            self._wanted.set()

    async def run(self) -> None:
        """Follow what is wanted, for ever."""
        followed: dict[Discover, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                for discover in followed.keys() - self._clusters.keys():
                    followed.pop(discover).cancel()
                    self._known.pop(discover, None)
                for discover in self._clusters.keys() - followed.keys():
                    followed[discover] = tasks.create_task(self._one(discover))

    async def first(self) -> None:
        """Wait until every source has answered once, or for two seconds."""
        try:
            async with asyncio.timeout(FIRST):
                while self._clusters.keys() - self._known.keys():
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            missing = len(self._clusters.keys() - self._known.keys())
            self._events.warning("starting before all targets are discovered", services=missing)

    async def _one(self, discover: Discover) -> None:
        name = discover.consul or discover.dns or discover.srv
        async for targets in self._discovery.targets(discover):
            self._known[discover] = targets
            self._answered.set()
            self._events.info("targets discovered", name=name, targets=", ".join(one.url for one in targets[:20]))
            self._send(self._clusters.get(discover, []), targets)

    def _send(self, clusters: list[Cluster], targets: tuple[Target, ...]) -> None:
        for cluster in clusters:
            try:
                self._balancing.retarget(cluster, targets)
            except ValueError as error:
                self._events.error("discovered targets cannot be used: the last ones stay", reason=str(error))
