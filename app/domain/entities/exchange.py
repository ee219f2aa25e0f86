"""One request with all that happens to it: the one mutable object of the data path. Typed fields, no bag of extras."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from app.domain.entities.request import Request
from app.domain.entities.route import Route
from app.domain.entities.websocket import WebSocketPeer


class MatchedRoute(Protocol):
    """What the rest of the gateway may know of the route that was chosen."""

    @property
    def id(self) -> str: ...

    @property
    def route(self) -> Route: ...


class Exchange(msgspec.Struct):
    """A request, its route and its fate. Times are seconds of the monotonic clock."""

    id: str
    """Request id: the client's when it is sane, else a UUIDv7."""
    request: Request
    started: float
    traceparent: bytes = b""
    """W3C trace context, the client's when valid."""
    revision: int = 0
    """Revision of the configuration that this exchange runs under."""
    route: MatchedRoute | None = None
    params: dict[str, str] = {}
    """Parameters of the path match."""
    deadline: float = 0.0
    """When the total timeout ends; 0 sets no limit."""
    consumer: str = ""
    target: str = ""
    """Address of the target that was tried last."""
    attempts: int = 0
    upstream_started: float = 0.0
    upstream_duration: float = 0.0
    """Seconds from the first attempt to the head of the response."""
    error: str = ""
    """Code of the error that decided the answer; empty when none did."""
    error_source: str = ""
    """`downstream`, `upstream` or `gateway`."""
    error_detail: str = ""
    """What happened, for the operator: it may name addresses and files that no client should see."""
    peer: WebSocketPeer | None = None
    """The service's side of a WebSocket whose handshake succeeded."""
    release: Callable[[], None] | None = None
    """Gives back what the exchange holds beyond its response; called once when the exchange is over."""
