"""Sends an exchange to a target of its service: the end of every chain of filters. Not for connections.

A retry is made only where nothing can be done twice, never after a byte of the answer was passed on, and never for
a client that left (P-63).
"""

from collections.abc import Awaitable, Callable

from app.application.services.lease import Lease
from app.application.services.load_balancer_service import Cluster
from app.application.services.resumed_body import first_part
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import BodyStream, UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import Route
from app.domain.entities.service import Timeouts
from app.domain.errors import NoTarget, UpstreamError
from app.domain.policies.forwarding import request_headers, response_headers
from app.domain.policies.identities import identity_fields
from app.domain.policies.load_balancing import Endpoint
from app.domain.policies.rewriting import compile_rewrite
from app.domain.policies.timeouts import effective_timeouts
from app.domain.policies.via import Via
from app.domain.ports import Clock, Sleep

OpenTunnel = Callable[["Forwarder", Exchange], Awaitable[Response]]
"""Answers a WebSocket's handshake: `TunnelOpener`."""


class Forwarder:
    """The endpoint of a route that has a service."""

    def __init__(
        self, route: Route, cluster: Cluster, via: Via, clock: Clock, sleep: Sleep, open_tunnel: OpenTunnel
    ) -> None:
        self._cluster = cluster
        self._open_tunnel = open_tunnel
        self.websocket = route.websocket
        self._via = via
        self._clock = clock
        self._sleep = sleep
        self._rewrite = compile_rewrite(route)
        self._host = route.rewrite.host
        self._retry = cluster.retry
        self._signer = cluster.signer
        self._failing_statuses = cluster.retry.statuses
        self.retries = cluster.service.retries.attempts
        self.timeouts: Timeouts = effective_timeouts(cluster.service.timeouts, route.timeouts)
        self._total = float(self.timeouts.total)

    async def __call__(self, exchange: Exchange) -> Response:
        """The target's response. Raises UpstreamError when no attempt succeeded, DownstreamError for a broken body."""
        if exchange.request.scheme[0] == "w":
            return await self._open_tunnel(self, exchange)
        if self._total:
            exchange.deadline = exchange.started + self._total
        body = exchange.request.body
        if not isinstance(body, bytes):
            body = await first_part(body, exchange.request.length)
        request = self.prepare(exchange, body)
        exchange.upstream_started = self._clock()
        response = await self._attempts(exchange, request)
        exchange.upstream_duration = self._clock() - exchange.upstream_started
        response.headers = response_headers(response.headers, via=self._via.response)
        if response.status == 204:
            # RFC 9110 section 8.6: a client that believed it would take the next answer for a body.
            response.headers = [field for field in response.headers if field[0] != b"content-length"]
        return response

    def prepare(self, exchange: Exchange, body: bytes | BodyStream) -> UpstreamRequest:
        """What is sent, the same for every attempt but for Host."""
        request = exchange.request
        target = (
            request.target if self._rewrite is None else self._rewrite(request.path, request.query, exchange.params)
        )
        headers = request_headers(
            request,
            host=(request.authority if self._host == "preserve" else self._host).encode(),
            request_id=exchange.id.encode(),
            traceparent=exchange.traceparent,
            via=self._via.element(request.version),
        )
        if exchange.identity is not None:
            headers += identity_fields(exchange.identity)
        length = len(body) if isinstance(body, bytes) else request.length
        return UpstreamRequest(request.method, target, headers, body, length, request.on_early_hints)

    async def _attempts(self, exchange: Exchange, request: UpstreamRequest) -> Response:
        tried: set[Endpoint] = set()
        while True:
            endpoint = self.choose(exchange, request, tried)
            lease = Lease(endpoint)
            outcome: Response | UpstreamError
            try:
                outcome = await endpoint.upstream.send(request, self.timeouts, exchange.deadline)
            except UpstreamError as error:
                lease()
                outcome = error
            except BaseException:
                lease()
                raise
            finally:
                if tried:
                    self._retry.budget.give_back()
            if isinstance(outcome, Response):
                _hold(lease, outcome)
                if outcome.status not in self._failing_statuses:
                    return outcome
            wait = self._wait(outcome, exchange, request)
            if wait is None:
                return _final(outcome)
            tried.add(endpoint)
            await self._before_retry(outcome, wait)

    async def _before_retry(self, outcome: Response | UpstreamError, wait: float) -> None:
        """Let go of the failed answer, and wait; the budget taken for the retry is given back if that is cut short."""
        try:
            if isinstance(outcome, Response) and not isinstance(outcome.body, bytes):
                await outcome.body.aclose()
            await self._sleep(wait)
        except BaseException:
            self._retry.budget.give_back()
            raise

    def choose(self, exchange: Exchange, request: UpstreamRequest, tried: set[Endpoint]) -> Endpoint:
        """The endpoint of the next attempt, with the request made and signed for it. Raises NoTarget."""
        endpoint = (self._cluster.pick(tried) if tried else None) or self._cluster.pick()
        if endpoint is None:
            raise NoTarget("no target of the service takes requests", retry_after=1)
        exchange.attempts += 1
        exchange.target = endpoint.address
        if self._host == "target":
            request.headers[0] = (b"host", endpoint.address.encode())
        if self._signer is not None:
            self._signer.sign(request)
        return endpoint

    def _wait(self, outcome: Response | UpstreamError, exchange: Exchange, request: UpstreamRequest) -> float | None:
        """Seconds before another attempt, or None when `outcome` is final."""
        retry = self._retry
        wait = retry.wait(
            outcome.status if isinstance(outcome, Response) else outcome,
            request.method,
            replayable=isinstance(request.body, bytes),
            attempt=exchange.attempts,
            in_flight=self._cluster.in_flight(),
        )
        if wait is not None and exchange.deadline and self._clock() + wait >= exchange.deadline:
            retry.budget.give_back()
            return None
        return wait


def _hold(lease: Lease, response: Response) -> None:
    """Keep the lease for as long as the body arrives."""
    if isinstance(response.body, bytes):
        lease()
    else:
        response.body.on_close = lease


def _final(outcome: Response | UpstreamError) -> Response:
    if isinstance(outcome, UpstreamError):
        raise outcome
    return outcome
