"""The access log: one record for each exchange, written in batches by one thread. Not for the look of a line."""

import time
from typing import TYPE_CHECKING

from app.infrastructure.telemetry.access_record import AccessRecord, json_line, text_line
from app.infrastructure.telemetry.batch_writer import BatchWriter
from app.infrastructure.telemetry.plain_text import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.entities.exchange import Exchange
    from app.domain.ports import Clock, Events
    from app.infrastructure.telemetry.logging import LogFormat
    from app.infrastructure.telemetry.redaction import Redactor
    from app.infrastructure.telemetry.sinks import Sink

_Raw = tuple[
    float, str, str, str, str, str, str, str, int, float, int, int, str, bytes, int, str, str, str, int, float,
    str, str, str, str, bytes | None, bytes | None,
]  # fmt: skip
"""What a line is made from, in the order of `record`: plain values only, so that no body is kept alive while it waits.
A tuple and not a class: it is made for every request."""


class BatchedAccessLog:
    """The AccessLog port. Records that the buffer cannot take are dropped, counted and reported as an event."""

    def __init__(self, sink: "Sink", style: "LogFormat", redactor: "Redactor", events: "Events", wall: "Clock") -> None:
        """`wall` is the wall clock in seconds since the epoch."""
        self._redactor = redactor
        self._wall = wall
        self._line: Callable[[AccessRecord], bytes] = json_line if style == "json" else text_line
        self._millisecond = 0
        self._text = ""

        def report(lost: int) -> None:
            events.warning("access records were lost: the log's reader is slow, or its disk is full", lost=lost)

        self._writer: BatchWriter[_Raw] = BatchWriter(sink, self._encode, on_loss=report)
        self._put = self._writer.put

    def record(self, exchange: "Exchange", status: int, sent: int, received: int, finished: float) -> None:
        """Take what the record needs; the line is made in the writer's thread."""
        request = exchange.request
        client = request.client
        fields = request.fields
        route = exchange.route
        self._put((
            self._wall(), client.address, client.peer, request.method, request.authority, request.path, request.query,
            request.version, status, finished - exchange.started, sent, received, exchange.id, exchange.traceparent,
            exchange.revision, "" if route is None else route.id, exchange.consumer, exchange.target, exchange.attempts,
            exchange.upstream_duration, exchange.error, exchange.error_source, exchange.error_detail,
            exchange.shadowed, fields.get(b"user-agent"), fields.get(b"referer"),
        ))  # fmt: skip

    @property
    def lost(self) -> int:
        """Records that were dropped, or that could not be written."""
        return self._writer.lost

    def close(self, timeout: float = 2.0) -> None:
        """Write what is waiting, for at most `timeout` seconds."""
        self._writer.close(timeout)

    def _encode(self, raw: _Raw) -> bytes:
        (
            wall, client, peer, method, authority, path, query, version, status, duration, sent, received, request_id,
            traceparent, revision, route, consumer, target, attempts, upstream_duration, error, error_source,
            error_detail, shadowed, user_agent, referer,
        ) = raw  # fmt: skip
        return self._line(AccessRecord(
            self._time(wall), client, method, authority,
            f"{path}?{self._redactor.query(query)}" if query else path,
            version, status, int(duration * 1e6) / 1e6, sent, received, request_id,
            traceparent[3:35].decode("ascii", "replace"), revision,
            "" if peer == client else peer,
            route, consumer, target, attempts, int(upstream_duration * 1e6) / 1e6, error, error_source,
            error_detail, shadowed,
            decoded(user_agent) if user_agent else "",
            self._redactor.url(decoded(referer)) if referer else "",
        ))  # fmt: skip

    def _time(self, wall: float) -> str:
        millisecond = int(wall * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(millisecond // 1000))
            self._text = f"{seconds}.{millisecond % 1000:03d}Z"
        return self._text
