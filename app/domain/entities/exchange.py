"""One request with all that happens to it: the one mutable object of the data path. Typed fields, no bag of extras."""

from collections.abc import Callable
from typing import Final, Protocol

from app.domain.entities.decision import LimitState
from app.domain.entities.identity import Identity
from app.domain.entities.request import Request
from app.domain.entities.route import Route
from app.domain.entities.websocket import WebSocketPeer

_NO_PARAMS: Final[dict[str, str]] = {}


class MatchedRoute(Protocol):
    """What the rest of the gateway may know of the route that was chosen."""

    @property
    def id(self) -> str: ...

    @property
    def route(self) -> Route: ...


class Exchange:
    """A request, its route and its fate. Times are seconds of the monotonic clock."""

    __slots__ = (
        "attempts", "consumer", "deadline", "debug", "error", "error_detail", "error_source", "id", "identity",
        "limits", "params", "peer", "release", "request", "revision", "route", "shadowed", "started", "target",
        "traceparent", "upstream_duration", "upstream_started",
    )  # fmt: skip

    def __init__(self, id: str, request: Request, started: float, traceparent: bytes = b"") -> None:
        self.id: Final = id
        """Request id: the client's when it is sane, else a UUIDv7."""
        self.request: Final = request
        self.started: Final = started
        self.traceparent = traceparent
        """W3C trace context, the client's when valid."""
        self.revision = 0
        """Revision of the configuration that this exchange runs under."""
        self.route: MatchedRoute | None = None
        self.params: dict[str, str] = _NO_PARAMS
        """Parameters of the path match; must not be changed."""
        self.deadline = 0.0
        """When the total timeout ends; 0 sets no limit."""
        self.debug = ""
        """Digest of the configuration, for a caller who may ask; empty when none is to be told."""
        self.consumer = ""
        """Who is asking, for the log: the id of `identity`."""
        self.identity: Identity | None = None
        """Who is asking, once a filter has found out."""
        self.limits: list[LimitState] | None = None
        """What limits said of this exchange, in the order in which they were asked; None when none was."""
        self.shadowed = ""
        """Name of the limit that would have refused this exchange, were it not in shadow mode."""
        self.target = ""
        """Address of the target that was tried last."""
        self.attempts = 0
        self.upstream_started = 0.0
        self.upstream_duration = 0.0
        """Seconds from the first attempt to the head of the response."""
        self.error = ""
        """Code of the error that decided the answer; empty when none did."""
        self.error_source = ""
        """`downstream`, `upstream` or `gateway`."""
        self.error_detail = ""
        """What happened, for the operator: it may name addresses and files that no client should see."""
        self.peer: WebSocketPeer | None = None
        """The service's side of a WebSocket whose handshake succeeded."""
        self.release: Callable[[], None] | None = None
        """Gives back what the exchange holds beyond its response; called once when the exchange is over."""

    def hold(self, release: Callable[[], None]) -> None:
        """Have `release` called, once, when the exchange is over, before whatever is to be given back already."""
        earlier = self.release
        self.release = release if earlier is None else _Both(release, earlier)


class _Both:
    """Gives back two things; the second also when the first cannot be."""

    def __init__(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        self._first = first
        self._second = second

    def __call__(self) -> None:
        try:
            self._first()
        finally:
            self._second()
