"""Services made ready for traffic: endpoints, balancer, retries. Not for choosing routes.

Run-time state (connections, requests in flight) is keyed by target and survives every change of configuration.
"""

from collections.abc import Callable, Iterable

from app.domain.entities.service import Breaker, KeepAlive, Limits, Service, Target, UpstreamTls
from app.domain.policies.load_balancing import Balancer, Endpoint, balancer
from app.domain.policies.retry import RetryBudget, RetryPolicy
from app.domain.ports import UpstreamTransport

_Key = tuple[str, UpstreamTls, KeepAlive, Breaker, Limits]
"""What makes two connections interchangeable: the same target, reached in the same way."""


class Cluster:
    """A service ready for traffic."""

    __slots__ = ("endpoints", "pick", "retry", "service")

    def __init__(self, service: Service, endpoints: list[Endpoint], chooser: Balancer, retry: RetryPolicy) -> None:
        self.service = service
        self.endpoints = endpoints
        self.pick = chooser.pick
        self.retry = retry

    def in_flight(self) -> int:
        """Requests under way to all targets."""
        return sum(endpoint.in_flight for endpoint in self.endpoints)


class LoadBalancerService:
    """Makes clusters of services, and keeps what their targets have in common."""

    def __init__(self, transport: UpstreamTransport, random: Callable[[], float]) -> None:
        self._transport = transport
        self._random = random
        self._endpoints: dict[_Key, Endpoint] = {}
        self._replaced: list[Endpoint] = []
        """Endpoints of the live snapshot whose files have changed: they serve until the next one is live."""

    def cluster(self, service: Service) -> Cluster:
        """The cluster of `service`. Raises ValueError for a target or a TLS file that cannot be used."""
        weights = [(self._endpoint(target, service), target.weight) for target in service.targets]
        return Cluster(
            service,
            [endpoint for endpoint, _ in weights],
            balancer(service.balance, weights, start=int(self._random() * 65536)),
            RetryPolicy(service.retries, RetryBudget(service.retries.budget), self._random),
        )

    def keep_only(self, services: Iterable[Service]) -> None:
        """Retire every endpoint that none of `services` uses; what is under way there comes to its end."""
        used = {_key(target, service) for service in services for target in service.targets}
        for key in [key for key in self._endpoints if key not in used]:
            self._endpoints.pop(key).upstream.retire()
        while self._replaced:
            self._replaced.pop().upstream.retire()

    def current(self) -> bool:
        """Whether no file that connections were made from has changed. Raises ValueError for one that is unusable."""
        return not self._replaced and all(endpoint.upstream.current() for endpoint in self._endpoints.values())

    def _endpoint(self, target: Target, service: Service) -> Endpoint:
        key = _key(target, service)
        endpoint = self._endpoints.get(key)
        if endpoint is not None and not endpoint.upstream.current():
            self._replaced.append(endpoint)
            endpoint = None
        if endpoint is None:
            upstream = self._transport.upstream(target, service)
            endpoint = self._endpoints[key] = Endpoint(upstream.address, upstream)
        return endpoint


def _key(target: Target, service: Service) -> _Key:
    return (target.url, service.tls, service.keep_alive, service.breaker, service.limits)
