"""Serves one exchange after the other over a connection of HTTP/1. Not for parsing (http1_reader) or for answers.

    IDLE --head--> BUSY --answer complete, request read--> IDLE
    BUSY --answer complete, request not read--> LINGERING --rest of it--> IDLE
    BUSY, LINGERING --close--> CLOSING --> CLOSED        any state --error, lateness, departure--> CLOSED

What comes while BUSY and is no part of the request waits: requests are served one after the other (A-08).
"""

from typing import Any, Final

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.cycle import LINGERS, REFUSAL, WHOLE
from app.infrastructure.downstream.http1_cycle import Http1Cycle
from app.infrastructure.downstream.http1_ending import NEVER, EndingLine
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.scope import http_scope
from app.infrastructure.downstream.site import READ_AHEAD, Site

EXTENSIONS: Final[dict[str, Any]] = {WHOLE: {}, LINGERS: {}, "http.response.trailers": {}}
"""What every connection can do."""


class ServingLine(EndingLine):
    """Is told when bytes are with its reader."""

    __slots__ = ("_client", "_cycle", "_extensions", "_half_closed", "_partial")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._cycle: Http1Cycle | None = None
        self._client: tuple[str, int] | None = None
        self._extensions = EXTENSIONS
        self._partial = False
        """Whether the beginning of a head is here."""
        self._half_closed = False
        """Whether the client sends no more."""

    def switch(self, head: RequestHead) -> None:
        """The connection is a WebSocket's from now on."""
        raise NotImplementedError

    def more_wanted(self) -> None:
        """See Line. Requests that follow are not wanted: they wait, and not without limit."""
        if self._reading or self._deaf:
            return
        if self._cycle is None or not self._cycle.body_ended or self._reader.buffered < READ_AHEAD:
            self.read_on()

    def exchange_over(self) -> None:
        """See Line. Whoever did not wait until there was room was stopped while its client did not read (A-04)."""
        cycle = self._cycle
        self._cycle = None
        if cycle is None or self._closing:
            return
        if not cycle.complete or not self.writable:
            self._break_off(cycle)
        elif cycle.close or self.site.draining:
            self._finish(cycle)
        elif self._reader.ended:
            self.wait()
            self.proceed()
        elif self._half_closed:
            self.close()
        else:
            self.linger()

    def _finish(self, cycle: Http1Cycle) -> None:
        unread = self._deaf or not self._reader.ended or self._reader.buffered > 0
        if unread and not self._half_closed:
            self.part(by_close=cycle.ends_by_close())
        else:
            self.close()

    def _break_off(self, cycle: Http1Cycle) -> None:
        # A clean end of the connection would be a clean end of such an answer (P-24).
        if cycle.ends_by_close() or not self.writable:
            self.reset()
        else:
            self.close()

    def proceed(self) -> None:
        """See EndingLine."""
        if self.site.draining:
            self.close()
        elif self._reader.buffered:
            self.next()
        else:
            self._await_more()

    def next(self) -> None:
        """Serve the next request, if its head is here."""
        reader = self._reader
        try:
            head = reader.head()
        except DownstreamError as error:
            self.refuse(error, reader.refused)
            return
        if head is not None:
            self._begin(head)
            return
        if reader.started and not self._partial:
            self._partial = True
            self.wait()
        self._await_more()

    def _await_more(self) -> None:
        if self._half_closed:
            self.close()
        else:
            self.read_on()

    def _begin(self, head: RequestHead) -> None:
        self.deadline = NEVER
        self._partial = False
        if head.upgrade == b"websocket" and head.method == "GET":
            if self._reader.ended:
                self.switch(head)
            else:
                self.refuse(_body_of_handshake(), head)
            return
        cycle = Http1Cycle(self, head, close=False)
        self._cycle = cycle
        if self._reader.ended:
            cycle.body_ended = True
            if self._reader.buffered >= READ_AHEAD:
                self.stop_reading()
            elif not self._reading:
                self.read_on()
        else:
            self.read_on()
            self.pump(cycle)
        if self._half_closed:
            cycle.depart()
        cycle.run(http_scope(self.site, head, self._client, self._extensions))

    def refuse(self, error: DownstreamError, head: RequestHead | None) -> None:
        """Have the application answer with `error`; nothing that follows is believed (P-64)."""
        if head is None:
            head = RequestHead("GET", b"/", "1.1", [])
        self.deadline = NEVER
        self._deaf = True
        cycle = Http1Cycle(self, head, close=True)
        cycle.body_ended = True
        self._cycle = cycle
        cycle.run(http_scope(self.site, head, self._client, {**self._extensions, REFUSAL: error}))

    def pump(self, cycle: Http1Cycle) -> None:
        """Give the exchange what came of its body."""
        reader = self._reader
        if cycle.body_ended:
            if reader.buffered >= READ_AHEAD:
                self.stop_reading()
            return
        try:
            while chunk := reader.body():
                cycle.feed(chunk)
        except DownstreamError as error:
            self._deaf = True
            cycle.close = True
            cycle.fail(error)
            return
        if reader.ended:
            cycle.feed_end()
        elif cycle.full():
            self.stop_reading()


def _body_of_handshake() -> DownstreamError:
    """RFC 6455 section 4.1: bytes that could be a body or frames are neither (P-60)."""
    return DownstreamError("a WebSocket handshake has no body", code="bad_framing", close=True)
