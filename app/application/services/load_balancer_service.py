"""Services made ready for traffic: endpoints, balancer, retries. Not for choosing routes.

Run-time state (connections, requests in flight) is keyed by target and survives every change of configuration.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter

from app.domain.entities.service import Breaker, Isolation, KeepAlive, Limits, Service, Target, UpstreamTls
from app.domain.policies.load_balancing import Balancer, Endpoint, balancer
from app.domain.policies.retry import RetryBudget, RetryPolicy
from app.domain.policies.upstream_signing import RequestSigner
from app.domain.ports import UpstreamTransport

_Key = tuple[str, UpstreamTls, KeepAlive, Breaker, Limits]
"""What makes two connections interchangeable: the same target, reached in the same way."""


SignerOf = Callable[[Isolation], RequestSigner]


class Cluster:
    """A service ready for traffic. Its targets may change while it serves: ask for `pick` each time."""

    __slots__ = ("endpoints", "pick", "retry", "service", "signer")

    def __init__(
        self,
        service: Service,
        endpoints: list[Endpoint],
        chooser: Balancer,
        retry: RetryPolicy,
        signer: RequestSigner | None = None,
    ) -> None:
        self.service = service
        self.endpoints = endpoints
        self.pick = chooser.pick
        self.retry = retry
        self.signer = signer

    def in_flight(self) -> int:
        """Requests under way to all targets."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)

    def stale(self) -> bool:
        """Whether a file that its connections were made from has changed, or cannot be used any more."""
        try:
            return not all(endpoint.upstream.current() for endpoint in self.endpoints)
        except ValueError:
            return True


class LoadBalancerService:
    """Makes clusters of services, and keeps what their targets have in common."""

    def __init__(
        self,
        transport: UpstreamTransport,
        random: Callable[[], float],
        targets_of: Callable[[Service], Sequence[Target]] = attrgetter("targets"),
        signer_of: SignerOf | None = None,
    ) -> None:
        """`targets_of` says where a service is now, `signer_of` who signs what is sent to an isolated one."""
        self._transport = transport
        self._random = random
        self._targets_of = targets_of
        self._signer_of = signer_of
        self._endpoints: dict[_Key, Endpoint] = {}
        self._uses: dict[Endpoint, tuple[_Key, int]] = {}
        """How many clusters hold an endpoint; one that none holds is retired."""

    def cluster(self, service: Service) -> Cluster:
        """The cluster of `service`, given back by `release`. Raises ValueError for a target or a file that is bad."""
        endpoints, chooser = self._made(service, self._targets_of(service))
        retry = RetryPolicy(service.retries, RetryBudget(service.retries.budget), self._random)
        isolation = service.isolation
        signer = self._signer_of(isolation) if isolation is not None and self._signer_of is not None else None
        return Cluster(service, endpoints, chooser, retry, signer)

    def retarget(self, cluster: Cluster, targets: Sequence[Target]) -> None:
        """Send what comes from now on to `targets`. Raises ValueError, and changes nothing, when one cannot be used."""
        replaced = cluster.endpoints
        cluster.endpoints, chooser = self._made(cluster.service, targets)
        cluster.pick = chooser.pick
        self._give_back(replaced)

    def release(self, cluster: Cluster) -> None:
        """Nobody sends anything new there; what is under way comes to its end."""
        self._give_back(cluster.endpoints)

    def _made(self, service: Service, targets: Sequence[Target]) -> tuple[list[Endpoint], Balancer]:
        endpoints: list[Endpoint] = []
        try:
            for target in targets:
                endpoints.append(self._endpoint(target, service))  # noqa: PERF401  # those before a bad one are given back
        except ValueError:
            self._give_back(endpoints)
            raise
        weights = zip(endpoints, (target.weight for target in targets), strict=True)
        return endpoints, balancer(service.balance, weights, start=int(self._random() * 65536))

    def _endpoint(self, target: Target, service: Service) -> Endpoint:
        key = (target.url, service.tls, service.keep_alive, service.breaker, service.limits)
        endpoint = self._endpoints.get(key)
        if endpoint is None or not endpoint.upstream.current():
            upstream = self._transport.upstream(target, service)
            endpoint = self._endpoints[key] = Endpoint(upstream.address, upstream)
        self._uses[endpoint] = (key, self._uses.get(endpoint, (key, 0))[1] + 1)
        return endpoint

    def _give_back(self, endpoints: list[Endpoint]) -> None:
        for endpoint in endpoints:
            key, uses = self._uses[endpoint]
            if uses > 1:
                self._uses[endpoint] = (key, uses - 1)
                continue
            del self._uses[endpoint]
            if self._endpoints.get(key) is endpoint:
                del self._endpoints[key]
            endpoint.upstream.retire()
