"""The access log: one record for each exchange, written in batches by one thread. Not for the look of a line."""

import time
from typing import Final

from app.domain.entities.exchange import Exchange
from app.domain.ports import Clock, Events
from app.infrastructure.telemetry.access_line import Ending, plain_line
from app.infrastructure.telemetry.access_record import AccessRecord, json_line, text_line
from app.infrastructure.telemetry.batch_writer import BatchWriter
from app.infrastructure.telemetry.logging import LogFormat
from app.infrastructure.telemetry.plain_text import decoded
from app.infrastructure.telemetry.redaction import Redactor
from app.infrastructure.telemetry.sinks import Sink


class BatchedAccessLog:
    """The AccessLog port. Records that the buffer cannot take are dropped, counted and reported as an event.

    A line is made at once, while its exchange is in the processor's caches: later, in a thread, it costs several times
    as much, and the event loop waits for that thread.
    """

    def __init__(self, sink: Sink, style: LogFormat, redactor: Redactor, events: Events, wall: Clock) -> None:
        """`wall` is the wall clock in seconds since the epoch."""
        self._redactor: Final = redactor
        self._events: Final = events
        self._wall: Final = wall
        self._json: Final = style == "json"
        self._millisecond = 0
        self._text = ""
        self._writer: Final = BatchWriter(sink, on_loss=self._report)

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        """Make the line, and leave it to the writer's thread."""
        try:
            line = self._line(exchange, Ending(status, sent, received, finished - exchange.started))
        except Exception:
            # One record that cannot be written must not end the exchange, which is over.
            self._writer.lost += 1
            return
        self._writer.put(line)

    @property
    def lost(self) -> int:
        """Records that were dropped, or that could not be written."""
        return self._writer.lost

    def close(self, timeout: float = 2.0) -> None:
        """Write what is waiting, for at most `timeout` seconds."""
        self._writer.close(timeout)

    def _report(self, lost: int) -> None:
        self._events.warning("access records were lost: the log's reader is slow, or its disk is full", lost=lost)

    def _line(self, exchange: Exchange, ending: Ending) -> bytes:
        request = exchange.request
        fields = request.fields
        query = request.query
        agent, referer = fields.get(b"user-agent"), fields.get(b"referer")
        ending.time = self._time(self._wall())
        ending.path = f"{request.path}?{self._redactor.query(query)}" if query else request.path
        if agent:
            ending.agent = decoded(agent)
        if referer:
            ending.referer = self._redactor.url(decoded(referer))
        if not self._json:
            return text_line(_record(exchange, ending))
        line = plain_line(exchange, ending)
        return json_line(_record(exchange, ending)) if line is None else line

    def _time(self, wall: float) -> str:
        millisecond = int(wall * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(millisecond // 1000))
            self._text = f"{seconds}.{millisecond % 1000:03d}Z"
        return self._text


def _record(exchange: Exchange, ending: Ending) -> AccessRecord:
    request = exchange.request
    client = request.client
    route = exchange.route
    return AccessRecord(
        ending.time, client.address, request.method, request.authority, ending.path, request.version,
        ending.status, int(ending.duration * 1e6) / 1e6, ending.sent, ending.received, exchange.id,
        exchange.traceparent[3:35].decode("ascii", "replace"), exchange.revision,
        "" if client.peer == client.address else client.peer,
        "" if route is None else route.id, exchange.consumer, exchange.target, exchange.attempts,
        int(exchange.upstream_duration * 1e6) / 1e6, exchange.error, exchange.error_source, exchange.error_detail,
        exchange.shadowed, ending.agent, ending.referer,
    )  # fmt: skip
