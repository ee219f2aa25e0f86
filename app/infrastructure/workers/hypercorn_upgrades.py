"""Keeps Hypercorn from leaving HTTP/1.1 for `Upgrade: h2c` (P-61). Not for WebSockets, nor for prior knowledge.

Hypercorn 0.18 answers 101 whatever version the request line names, and ends with a traceback when HTTP2-Settings is no
base64. RFC 9113 section 3.1 has taken the upgrade away: such a request is a plain one.
"""

import h11
import hypercorn.protocol
from hypercorn.protocol.h11 import H11Protocol


class PlainProtocol(H11Protocol):
    """Upgrades to nothing but WebSocket."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """As Hypercorn's for the preface of HTTP/2, which alone has no field."""
        if not event.headers:
            await super()._check_protocol(event)


def install() -> None:
    """Make every Hypercorn server of this process use the repaired part; harmless when done twice."""
    hypercorn.protocol.H11Protocol = PlainProtocol  # type: ignore[attr-defined]  # imported there, not exported
