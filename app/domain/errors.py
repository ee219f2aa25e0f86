"""Everything that can go wrong with an exchange, as one tree. Rendered in one table (`interfaces/errors.py`).

GatewayError
|- DownstreamError    the client's doing: 4xx, or it left
|- RouteNotFound      no route matches, or no configuration is live
|- GatewayRefusal     the gateway will not: overload, draining, loop
'- UpstreamError      the target's doing: 502, 503, 504; may be retried
"""

from enum import StrEnum

from app.domain.entities.headers import Headers


class Source(StrEnum):
    """Who is to blame: the first question in every incident."""

    DOWNSTREAM = "downstream"
    GATEWAY = "gateway"
    UPSTREAM = "upstream"


class Retryable(StrEnum):
    """Whether another attempt may be made."""

    NEVER = "never"
    ALWAYS = "always"
    """Not a byte of the request was sent."""
    IDEMPOTENT = "idempotent"
    """The request may have been acted on; safe only for idempotent methods with a body that can be sent again."""


class GatewayError(Exception):
    """An exchange that fails. `status` is answered, `code` is stable and for machines, `detail` is for people."""

    status: int = 500
    code: str = "internal_error"
    title: str = "Internal error"
    source: Source = Source.GATEWAY
    retryable: Retryable = Retryable.NEVER

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        title: str | None = None,
        retryable: Retryable | None = None,
        close: bool = False,
        retry_after: int = 0,
        headers: Headers | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = self.status if status is None else status
        self.code = self.code if code is None else code
        self.title = self.title if title is None else title
        self.retryable = self.retryable if retryable is None else retryable
        self.close = close
        """Whether the downstream connection must end because its framing is in doubt."""
        self.retry_after = retry_after
        """Seconds for `Retry-After`; 0 sends none."""
        self.headers: Headers = headers or []


class DownstreamError(GatewayError):
    """The client's doing."""

    status = 400
    code = "bad_request"
    title = "Bad request"
    source = Source.DOWNSTREAM


class ClientGone(DownstreamError):
    """The client left before its answer was complete. Logged as 499; nobody is there to read an answer."""

    status = 499
    code = "client_gone"
    title = "Client closed the request"


class BodyTimeout(DownstreamError):
    """The client stopped sending its body."""

    status = 408
    code = "request_body_timeout"
    title = "Request body too slow"


class RouteNotFound(GatewayError):
    """No route matches."""

    status = 404
    code = "no_route"
    title = "No route matches"


class GatewayRefusal(GatewayError):
    """The gateway will not handle the request now."""

    status = 503
    code = "refused"
    title = "Service unavailable"


class UpstreamError(GatewayError):
    """The target failed."""

    status = 502
    code = "upstream_error"
    title = "Bad gateway"
    source = Source.UPSTREAM


class ConnectFailed(UpstreamError):
    """No connection to the target: refused, unreachable, name unknown, TLS refused."""

    code = "upstream_connect_failed"
    title = "Upstream unreachable"
    retryable = Retryable.ALWAYS


class AddressRefused(UpstreamError):
    """The target is at an address that the gateway does not connect to (A-67)."""

    code = "upstream_address_refused"


class ConnectTimeout(ConnectFailed):
    """The target did not accept a connection in time."""

    status = 504
    code = "upstream_connect_timeout"
    title = "Upstream connect timeout"


class UpstreamOverload(UpstreamError):
    """The target's connections are all busy and the queue is full, or waiting took too long."""

    status = 503
    code = "upstream_overloaded"
    title = "Upstream overloaded"
    source = Source.GATEWAY


class NoTarget(UpstreamError):
    """No target of the service takes requests."""

    status = 503
    code = "no_target"
    title = "No target available"
    source = Source.GATEWAY


class UpstreamReset(UpstreamError):
    """The connection ended before the head of the response was complete."""

    code = "upstream_reset"
    title = "Upstream closed the connection"
    retryable = Retryable.IDEMPOTENT


class MalformedResponse(UpstreamError):
    """The target's answer breaks HTTP/1.1, or a limit."""

    code = "upstream_malformed"
    title = "Upstream answer malformed"


class TruncatedResponse(UpstreamError):
    """The body ended early: the client must see an incomplete answer (P-24)."""

    code = "upstream_truncated"
    title = "Upstream answer incomplete"


class ResponseTimeout(UpstreamError):
    """The target did not answer in time."""

    status = 504
    code = "upstream_response_timeout"
    title = "Upstream response timeout"


class IdleTimeout(UpstreamError):
    """A body made no progress for too long."""

    status = 504
    code = "upstream_idle_timeout"
    title = "Upstream idle timeout"


class TotalTimeout(UpstreamError):
    """The exchange took longer than the route allows."""

    status = 504
    code = "total_timeout"
    title = "Total timeout"
