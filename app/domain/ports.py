"""What the outside must supply, on one page. Durations are float seconds, times are of the monotonic clock.

`downstream` is the client's side, `upstream` the service's side, always.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Protocol

import msgspec

from app.domain.entities.config import ConfigChange, ConfigProblem, GatewayConfig
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Service, Target, Timeouts
from app.domain.entities.websocket import WebSocketPeer


class Upstream(Protocol):
    """One target: its pool of connections."""

    @property
    def address(self) -> str:
        """`host:port`, the key of every run-time state."""
        ...

    async def send(self, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> Response:
        """Send `request` and return the response once its head is here.

        `deadline` is absolute; 0 sets none. Raises UpstreamError for every failure of the target, and
        DownstreamError when the request's own body fails.
        """
        ...

    async def open_websocket(
        self, request: UpstreamRequest, timeouts: Timeouts, policy: WebSocketPolicy
    ) -> WebSocketPeer | Response:
        """Make the opening handshake: a peer on 101, else the refusal as a Response. Raises UpstreamError."""
        ...

    def current(self) -> bool:
        """Whether it would be the same if it were made now: not when a TLS file that it was made from has changed.

        Raises ValueError when such a file cannot be used any more.
        """
        ...

    def retire(self) -> None:
        """Take no more part: idle connections close now, busy ones when they are done."""
        ...


class UpstreamTransport(Protocol):
    """Opens upstreams."""

    def upstream(self, target: Target, service: Service) -> Upstream:
        """The upstream of a target; connects lazily. Raises ValueError for a url or TLS file that cannot be used."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class StoreStatus(msgspec.Struct, frozen=True):
    """How following the store goes."""

    checked: float = 0.0
    """Monotonic time at which it was last known that everything stored there was seen."""
    problem: str = ""
    """Why the store cannot be followed now; empty when it can."""
    refused: tuple[ConfigProblem, ...] = ()
    """Entities that are not live as they stand in the store."""


class RouteRepository(Protocol):
    """Where the configuration lives."""

    async def load(self) -> GatewayConfig:
        """The configuration as it stands. Raises ConfigError with every problem found."""
        ...

    def changes(self) -> AsyncGenerator[ConfigChange | None, None]:
        """Yields what has changed since `load` or the change before; None when all is to be loaded again.

        Never ends, never raises: what is wrong with the store is told as an event and by `status`.
        """
        ...

    def adopt(self, config: GatewayConfig) -> None:
        """`config` is live although the store could not be read: it is what later changes start from."""
        ...

    async def aclose(self) -> None:
        """Let go of the store."""
        ...

    def status(self) -> StoreStatus:
        """How the store is, as far as is known now."""
        ...


class LastKnownGood(Protocol):
    """A copy of the last configuration that worked, for the day on which the source is broken at start."""

    def save(self, config: GatewayConfig) -> None:
        """Keep `config`; blocks while it writes. Failures are reported by the implementation, never raised."""
        ...

    def load(self) -> GatewayConfig | None:
        """The kept configuration, or None."""
        ...


class Events(Protocol):
    """Things that an operator wants to know. Not for requests: those go to the access log."""

    def info(self, message: str, **fields: object) -> None: ...

    def warning(self, message: str, **fields: object) -> None: ...

    def error(self, message: str, **fields: object) -> None: ...


class AccessLog(Protocol):
    """Takes one record for each exchange; never waits and never raises."""

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        """`sent` and `received` are body bytes to and from the client."""
        ...

    def close(self) -> None:
        """Write what is waiting; waits two seconds at most."""
        ...


class Metrics(Protocol):
    """Counts exchanges; never waits and never raises."""

    def record(self, exchange: Exchange, status: int, duration: float) -> None:
        """`exchange` is over after `duration` seconds."""
        ...

    def close(self) -> None:
        """Count nothing more."""
        ...


Clock = Callable[[], float]
"""Monotonic seconds."""

Sleep = Callable[[float], Awaitable[None]]

Problems = list[ConfigProblem]


class RegexSearch(Protocol):
    """A compiled regular expression whose time is linear in the text, whatever the expression."""

    def fullmatch(self, text: str) -> bool:
        """Whether all of `text` matches."""
        ...

    def search(self, text: str) -> bool:
        """Whether some part of `text` matches."""
        ...


RegexCompiler = Callable[[str], RegexSearch]
"""Compiles an expression, to what can be referred to weakly. Raises ValueError with the reason if it cannot be used."""
