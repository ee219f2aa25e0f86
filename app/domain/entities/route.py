"""Routes: which requests go where. The configuration value; `policies/routing` compiles it."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from app.domain.entities.service import RouteTimeouts
from app.domain.entities.units import Duration, Size
from app.domain.entities.value import Entity, Value

Method = Annotated[str, Meta(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]


class Match(Value, frozen=True):
    """Conditions that must all hold; within a list, one is enough. An empty list sets no condition.

    A pattern that starts with `~` is a regular expression (RE2). For `headers`, `query` and `cookies`,
    `*` stands for any value and other text must be equal.
    """

    hosts: tuple[str, ...] = ()
    """`api.example.com`, `*.example.org` (any number of labels), or `*`."""
    paths: tuple[str, ...] = ()
    """`/exact`, `/prefix/*` (the prefix itself and all below it), `/{one}/x`, `/a/*/b`, `/a/**/b`, `~regex`."""
    methods: tuple[Method, ...] = ()
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    cookies: dict[str, str] = {}


class Rewrite(Value, frozen=True):
    """How the target of the request changes on its way to the service."""

    strip_prefix: str = ""
    add_prefix: str = ""
    path: str = ""
    """A new path; `{name}` stands for a parameter of the match. Excludes the two above."""
    host: str = "preserve"
    """`preserve`, `target` (the target's own authority), or a literal authority."""


class Redirect(Value, frozen=True):
    """An answer that sends the client elsewhere."""

    to: str
    """Location; `{scheme}` `{host}` `{path}` `{query}` (with its `?`) and parameters of the match are replaced."""
    status: Literal[301, 302, 303, 307, 308] = 308


class Respond(Value, frozen=True):
    """An answer that the gateway gives itself."""

    status: Annotated[int, Meta(ge=200, le=599)] = 200
    headers: dict[str, str] = {}
    body: str = ""


class WebSocketPolicy(Value, frozen=True):
    """What a WebSocket may do on a route."""

    origins: tuple[str, ...] = ()
    """Origins that may connect; none given leaves the check to the service."""
    max_message: Size = Size(1024 * 1024)
    idle: Duration = Duration(600)
    """Closed with 1001 when neither side sent a message for so long."""
    ping: Duration = Duration(20)
    """How often each side is pinged; a side that does not answer within this time is dead."""


class Route(Entity, frozen=True):
    """Which requests go where, and what happens to them on the way."""

    match: Match = Match()
    priority: int = 0
    service: str = ""
    """Id of the service; exactly one of `service`, `url`, `redirect`, `respond` is given."""
    url: str = ""
    """Stands for a service with this one target."""
    redirect: Redirect | None = None
    respond: Respond | None = None
    rewrite: Rewrite = Rewrite()
    filters: tuple[dict[str, Any], ...] = ()
    """One-key mappings, name to options, in the order in which they run."""
    timeouts: RouteTimeouts = RouteTimeouts()
    websocket: WebSocketPolicy = WebSocketPolicy()
    encoded_slashes: Literal["reject", "keep"] = "reject"
    """Whether `%2F` and `%5C` may stand in the path as data (P-48)."""
