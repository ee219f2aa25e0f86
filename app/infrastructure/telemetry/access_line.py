"""The usual line of the access log as JSON, written at once. Not for a line that needs an escape: `access_record`.

Nearly every line needs none: what is written here costs a third of a Struct that is filled and encoded.
"""

from typing import Final

from app.domain.entities.exchange import Exchange
from app.infrastructure.telemetry.plain_text import LONGEST

_ESCAPED: Final = bytes(range(32)) + b'"\\\x7f'


class Ending:
    """What a record holds beside its exchange, safe to log: credentials are redacted."""

    __slots__ = ("agent", "duration", "path", "received", "referer", "sent", "status", "time")

    def __init__(self, status: int, sent: int, received: int, duration: float) -> None:
        """`sent` and `received` are body bytes, `duration` is in seconds."""
        self.status: Final = status
        self.sent: Final = sent
        self.received: Final = received
        self.duration: Final = duration
        self.time = ""
        self.path = ""
        """With the query."""
        self.agent = ""
        self.referer = ""


def plain_line(exchange: Exchange, ending: Ending) -> bytes | None:
    """The line, as `json_line` writes it; None for what is not usual: an error, an escape, a value that is cut."""
    if exchange.error or exchange.shadowed:
        return None
    request = exchange.request
    client = request.client
    peer = "" if client.peer == client.address else client.peer
    route = "" if exchange.route is None else exchange.route.id
    trace = exchange.traceparent[3:35].decode("latin-1")
    free = (
        f"{client.address}{request.method}{request.authority}{ending.path}{exchange.id}{trace}{peer}{route}"
        f"{exchange.consumer}{exchange.target}{ending.agent}{ending.referer}"
    )
    if len(free) > LONGEST or not free.isascii():
        return None
    raw = free.encode("ascii")
    if len(raw.translate(None, _ESCAPED)) != len(raw):
        return None
    line = (
        f'{{"time":"{ending.time}","client":"{client.address}","method":"{request.method}"'
        f',"host":"{request.authority}","path":"{ending.path}","version":"{request.version}"'
        f',"status":{ending.status},"duration":{_seconds(ending.duration)},"bytes_sent":{ending.sent}'
        f',"bytes_received":{ending.received},"request_id":"{exchange.id}"'
        f"{_text('trace_id', trace)}{_number('revision', exchange.revision)}{_text('peer', peer)}"
        f"{_text('route', route)}{_text('consumer', exchange.consumer)}{_text('target', exchange.target)}"
        f"{_number('attempts', exchange.attempts)}"
        f',"upstream_duration":{_seconds(exchange.upstream_duration)}'
        f"{_text('user_agent', ending.agent)}{_text('referer', ending.referer)}}}\n"
    )
    return line.encode("ascii")


def _text(name: str, value: str) -> str:
    return f',"{name}":"{value}"' if value else ""


def _number(name: str, value: int) -> str:
    return f',"{name}":{value}' if value else ""


def _seconds(value: float) -> str:
    """With six decimals, without the formatting of numbers, which takes longer than all the rest of a line."""
    micro = int(value * 1e6)
    return f"{micro // 1000000}.{str(1000000 + micro % 1000000)[1:]}"
