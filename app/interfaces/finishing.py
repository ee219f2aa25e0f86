"""Fields that every answer carries, whoever made it: the request id, and Date where the server adds none (P-13)."""

from email.utils import formatdate

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.policies.debugging import debug_fields
from app.domain.ports import Clock


class Finishing:
    """`wall` is the wall clock; `others` whether other servers than the gateway's own, too, leave Date to it."""

    def __init__(self, wall: Clock, *, others: bool) -> None:
        self._wall = wall
        self._others = others
        self._second = -1
        self._date = b""

    def finish(self, response: Response, exchange: Exchange, *, ours: bool) -> None:
        """Complete the fields of the response to `exchange`; `ours` is whether the gateway's own server sends it."""
        headers = response.headers
        headers.append((b"x-request-id", exchange.id.encode("latin-1")))
        if exchange.debug:
            headers += debug_fields(exchange)
        if (ours or self._others) and not any(name == b"date" for name, _ in headers):
            headers.append((b"date", self._now(int(self._wall()))))

    def date(self, *, ours: bool) -> Headers:
        """Date alone, where the server adds none: for an answer without an exchange."""
        return [(b"date", self._now(int(self._wall())))] if ours or self._others else []

    def _now(self, second: int) -> bytes:
        if second != self._second:
            self._second = second
            self._date = formatdate(second, usegmt=True).encode()
        return self._date
