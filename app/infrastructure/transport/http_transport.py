"""The HTTP transport: one Upstream for each target. Not for choosing among targets."""

import asyncio
from urllib.parse import urlsplit

from app.domain.entities.service import Service, Target
from app.infrastructure.transport import tls
from app.infrastructure.transport.dial import AddressProblem, Dialer, Origin, anywhere
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.transport.upstream import HttpUpstream
from app.infrastructure.wire.sweeper import Sweeper


class HttpTransport:
    """Opens upstreams on the running loop."""

    def __init__(self, resolver: Resolver, problem: AddressProblem = anywhere) -> None:
        """`problem` says which addresses are not connected to."""
        self._resolver = resolver
        self._problem = problem
        self._sweeper = Sweeper(asyncio.get_running_loop())
        self._upstreams: set[HttpUpstream] = set()

    def upstream(self, target: Target, service: Service) -> HttpUpstream:
        """See the port."""
        origin = origin_of(target, service)
        dialer = Dialer(origin, self._resolver, self._problem)
        upstream = HttpUpstream(origin, service, dialer, self._sweeper, self._upstreams.discard)
        self._upstreams.add(upstream)
        return upstream

    async def aclose(self) -> None:
        """See the port."""
        for upstream in list(self._upstreams):
            upstream.close()
        await self._resolver.aclose()


def origin_of(target: Target, service: Service) -> Origin:
    """Where `target` listens, with the TLS of `service`. Raises ValueError."""
    parts = urlsplit(target.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{target.url!r} is not an http or https url with a host")
    if parts.scheme == "http":
        return Origin(parts.hostname, parts.port or 80, None, None)
    context = tls.client_context(service.tls)
    return Origin(parts.hostname, parts.port or 443, context, tls.server_name(service.tls, parts.hostname))
