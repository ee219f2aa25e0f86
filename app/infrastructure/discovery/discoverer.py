"""The ServiceDiscovery: chooses the source that a service names. Not for any one source."""

from collections.abc import AsyncGenerator, Callable

from app.domain.discovery_ports import Watches
from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.domain.ports import Clock, Events, Sleep
from app.infrastructure.discovery.consul_catalog import ConsulCatalog
from app.infrastructure.discovery.dns_records import DnsRecords
from app.infrastructure.discovery.dns_service import DnsService
from app.infrastructure.discovery.follower import Follower
from app.infrastructure.discovery.sources import Source


class Discoverer:
    """`watches` asks the Consul of the settings; `random` gives floats of [0, 1)."""

    def __init__(
        self,
        watches: Watches,
        records: DnsRecords,
        events: Events,
        clock: Clock,
        sleep: Sleep,
        random: Callable[[], float],
    ) -> None:
        self._watches = watches
        self._records = records
        self._events = events
        self._clock = clock
        self._sleep = sleep
        self._random = random

    def targets(self, discover: Discover) -> AsyncGenerator[tuple[Target, ...], None]:
        """See the port."""
        follower = Follower(self._source(discover), name_of(discover), discover.empty_after, self._events, self._clock)
        return follower.targets()

    def _source(self, discover: Discover) -> Source:
        if discover.consul:
            return ConsulCatalog(discover, self._watches)
        return DnsService(discover, self._records, self._clock, self._sleep, self._random)


def name_of(discover: Discover) -> str:
    """For people: `consul users`, `dns users.svc:8080`, `srv _http._tcp.users.svc`."""
    if discover.consul:
        return f"consul {discover.consul}"
    return f"srv {discover.srv}" if discover.srv else f"dns {discover.dns}:{discover.port}"
