"""What became of a tunnel: who ended it and why, and what went through. Not for carrying messages."""

from typing import Literal

from app.domain.entities.flow import Flow
from app.domain.policies.websocket import INTERNAL_ERROR
from app.domain.ports import Clock

Side = Literal["downstream", "upstream", "gateway"]


class End:
    """Why a tunnel ended. `code` 1005 and 1006 are what the side that ended it did, never what was sent."""

    __slots__ = ("by", "code", "reason")

    def __init__(self, code: int, reason: str, by: Side) -> None:
        self.code = code
        self.reason = reason
        self.by: Side = by


class TunnelReport:
    """The fate of a tunnel so far; `sent` went to the client, `received` came from it."""

    __slots__ = ("end", "received", "sent")

    def __init__(self, clock: Clock) -> None:
        self.end = End(INTERNAL_ERROR, "internal error", "gateway")
        self.sent = Flow(clock)
        self.received = Flow(clock)
