"""Services: what traffic goes to. The configuration value; run-time state lives with the load balancer."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from app.domain.entities.discovery import Discover
from app.domain.entities.units import Duration, Share, Size
from app.domain.entities.value import Entity, Value, without

Weight = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1)]


class Target(Value, frozen=True):
    """One address of a service: `url` is scheme, host and port; a weight of 0 takes no new requests."""

    url: str
    weight: Weight = 100


class Timeouts(Value, frozen=True):
    """How long each step may take (P-62). A route's values override its service's."""

    connect: Duration = Duration(2)
    """TCP and TLS handshake with the target."""
    queue: Duration = Duration(1)
    """Waiting for a free connection when the target's limit is reached."""
    response: Duration = Duration(30)
    """From the last byte of the request to the head of the response."""
    idle: Duration = Duration(60)
    """Between two reads of a response body, or two writes of a request body, without progress."""
    total: Duration = Duration(0)
    """The whole exchange, retries included; 0 sets no limit."""


class RouteTimeouts(Value, frozen=True):
    """The timeouts that a route overrides; None keeps the service's."""

    connect: Duration | None = None
    queue: Duration | None = None
    response: Duration | None = None
    idle: Duration | None = None
    total: Duration | None = None


RetryOn = Literal["connect", "reset", "502", "503", "504"]


class Retries(Value, frozen=True):
    """When a failed attempt is made again. Only where nothing can be done twice (P-63)."""

    attempts: Annotated[int, Meta(ge=0, le=10)] = 1
    """Attempts after the first one."""
    on: tuple[RetryOn, ...] = ("connect", "reset")
    budget: Share = Share(0.2)
    """Retries in flight may not exceed this part of the requests in flight (three are always allowed)."""
    backoff: Duration = Duration(0.025)
    """Base of the randomised exponential wait before each retry."""


class KeepAlive(Value, frozen=True):
    """How idle connections to a target are kept."""

    max_idle: Annotated[int, Meta(ge=0)] = 128
    idle: Duration = Duration(60)


class Breaker(Value, frozen=True):
    """How much may be under way to one target, in each worker, before requests wait or are refused with 503."""

    max_requests: Positive = 1000
    max_pending: Annotated[int, Meta(ge=0)] = 100


class UpstreamTls(Value, frozen=True):
    """TLS to the targets whose url is `https`. Verification is on unless `verify` says no."""

    ca: str = ""
    cert: str = ""
    key: str = ""
    server_name: str = ""
    verify: bool = True


class Limits(Value, frozen=True):
    """What a target may send."""

    head: Size = Size(32 * 1024)
    """Largest head of a response (P-65); larger is a 502."""


class Isolation(Value, frozen=True):
    """How the service can tell what came through the gateway from what did not."""

    sign_with: str
    """Secret of 32 bytes at least, shared with the service, best as `env:NAME` or `file:/path`: every request is signed
    with it (RFC 9421, hmac-sha256, with time and nonce)."""
    key_id: str = "gateway"
    """`keyid` of the signatures: another one while a secret is being replaced."""
    fields: tuple[str, ...] = ("x-consumer-id", "x-consumer-groups", "x-credential-id", "content-digest")
    """Fields that are signed too, where they are there: above all those that say who is asking."""

    def __repr__(self) -> str:
        return without(self, "sign_with")


class Balance(StrEnum):
    """How a target is chosen."""

    ROUND_ROBIN = "round_robin"
    LEAST_REQUEST = "least_request"


class Service(Entity, frozen=True):
    """A named set of targets and how the gateway talks to them."""

    targets: tuple[Target, ...] = ()
    """Either these or `discover` says where the service is."""
    discover: Discover | None = None
    balance: Balance = Balance.ROUND_ROBIN
    timeouts: Timeouts = Timeouts()
    retries: Retries = Retries()
    keep_alive: KeepAlive = KeepAlive()
    breaker: Breaker = Breaker()
    tls: UpstreamTls = UpstreamTls()
    limits: Limits = Limits()
    isolation: Isolation | None = None
    """Signs what goes to the service; nothing is signed when it is not given."""
