"""Where the targets of a service come from when they are not written down. Not for finding them."""

from typing import Annotated, Literal

from msgspec import Meta

from app.domain.entities.units import Duration
from app.domain.entities.value import Value


class Discover(Value, frozen=True):
    """A source of targets: one of `consul`, `dns` and `srv`, and what goes with it."""

    consul: str = ""
    """Name of a service in Consul's catalogue; its healthy instances are the targets."""
    dns: str = ""
    """A name whose addresses (A, AAAA) are the targets, all at `port`."""
    srv: str = ""
    """A name whose SRV records are the targets: those of the lowest priority (RFC 2782)."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """For `dns`; 0 says that there is none."""
    scheme: Literal["http", "https"] = "http"
    """How the targets are spoken to."""
    tag: str = ""
    """For `consul`: only instances that carry this tag."""
    datacenter: str = ""
    """For `consul`: where to look; empty is the datacentre of the agent that is asked."""
    passing_only: bool = True
    """For `consul`: false takes instances in state warning too, with the weight that they have for it."""
    empty_after: Duration = Duration(30)
    """How long the last targets stay when the source says that there are none."""
