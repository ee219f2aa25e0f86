"""What a client may send, and how slowly. Values alone: Intake and InboundBody enforce them."""

import msgspec


class Pace(msgspec.Struct, frozen=True):
    """How slow a client may be with its body (P-62). Only time spent waiting for the client counts."""

    idle: float = 10.0
    """Seconds in which some part must come."""
    rate: int = 1024
    """Bytes a second, on average; 0 asks for none."""
    grace: float = 5.0
    """Seconds before the rate counts."""


class IntakeLimits(msgspec.Struct, frozen=True):
    """What a request may be, before any route is known (P-62, P-65)."""

    max_head: int = 16 * 1024
    """Names and values of all fields together, in bytes."""
    max_headers: int = 100
    max_target: int = 8 * 1024
    pace: Pace = Pace()
    """How slow a client may be with a body."""
