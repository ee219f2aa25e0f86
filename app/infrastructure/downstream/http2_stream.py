"""One stream of HTTP/2 as an exchange: writes the answer, takes in the body. Not for frames that break rules."""

import asyncio
from typing import TYPE_CHECKING

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.cycle import Cycle
from app.infrastructure.downstream.http2_answer import UNFIT, UNKNOWN, check_answer, fit
from app.infrastructure.downstream.http2_flow import STREAM_WINDOW, Inflow
from app.infrastructure.downstream.http2_frames import head_frames
from app.infrastructure.downstream.http2_link import Link
from app.infrastructure.downstream.http2_outflow import Outflow
from app.infrastructure.downstream.http2_outlet import Outlet
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import WRITE_BUFFER

if TYPE_CHECKING:
    from app.infrastructure.downstream.http2_pipe import Http2Pipe


class Http2Stream(Cycle):
    """`number` is the identifier of the stream."""

    __slots__ = (
        "_bodiless", "_drained", "_expected", "_left", "_link", "_outlet", "_owed_continue", "flow", "head", "inflow",
        "number", "pipe", "returned",
    )  # fmt: skip

    def __init__(self, link: Link, outlet: Outlet, number: int, head: RequestHead, *, ended: bool) -> None:
        super().__init__(link.site)
        self._link = link
        self._outlet = outlet
        self.number = number
        self.head = head
        self.flow = Outflow(number, outlet.settings.window)
        self.inflow: Inflow | None = None if ended else Inflow(STREAM_WINDOW)
        self.pipe: Http2Pipe | None = None
        """Who has the stream when it is no exchange but a WebSocket."""
        self._bodiless = False
        self._left = UNKNOWN
        """Bytes of the body that Content-Length of the answer still promises."""
        self._expected = head.length
        """The same of the request."""
        self._drained: asyncio.Future[None] | None = None
        self._owed_continue = head.expects and not ended
        self.returned = False
        """Whether the application has."""
        self.body_ended = ended

    # Of the client.

    def body(self, data: bytes, *, ended: bool) -> bool:
        """A part of the body came; False when it is not as long as Content-Length says (RFC 9113 section 8.1.1)."""
        if self._expected >= 0:
            self._expected -= len(data)
            if self._expected < 0 or (ended and self._expected):
                return False
        if self.pipe is not None:
            self.body_ended = ended
            self.pipe.came(data, ended=ended)
        elif ended and data:
            self.body_ended = True
            self._last(data)
        elif ended:
            self.feed_end()
        else:
            self.feed(data)
        return True

    def _last(self, data: bytes) -> None:
        """The last part and the end of the body are one message, for whoever waits for it."""
        self._chunks.append(data)
        self.waiting += len(data)
        self._wake()

    def gone_away(self) -> None:
        """The stream was reset, or its connection is lost."""
        self._outlet.forget(self.flow)
        self.unblock()
        if self.pipe is not None:
            self.pipe.lost()
        else:
            self.leave()

    # Of Cycle.

    def write_head(self, status: int, headers: Headers) -> None:
        """See Cycle."""
        self._bodiless = self.head.method == "HEAD" or status == 204 or status == 304
        self._put_head(status, self._checked(headers), ended=self._bodiless)
        if self._bodiless:
            self._link.answered(self.number, whole=self.body_ended)

    def write_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """See Cycle. Whatever Content-Length an answer to HEAD names, it has no body."""
        mute = self.head.method == "HEAD" or status == 204 or status == 304
        fields = self._checked(headers)
        if self._left >= 0 and self._left != len(body) and not mute:
            raise ValueError("the body has not the length that Content-Length says")
        ended = mute or not body
        self._put_head(status, fields, ended=ended)
        if ended or self._outlet.send(self.flow, body, ended=True):
            self._link.answered(self.number, whole=self.body_ended)

    def write_body(self, data: bytes, *, more: bool) -> None:
        """See Cycle. More bytes than Content-Length promised are a mistake of the application; fewer break it off."""
        last = not more and not self.trailers
        if self._bodiless:
            self.complete = last
            self._wake()
            return
        if self._left >= 0:
            self._left -= len(data)
            if self._left < 0:
                raise RuntimeError("the body is longer than its Content-Length")
        ended = last and self._left <= 0
        self.complete = ended
        if self._outlet.send(self.flow, data, ended=ended) and ended:
            self._link.answered(self.number, whole=self.body_ended)

    def write_trailers(self, headers: Headers) -> None:
        """See Cycle. A client that has not said that it takes them gets none."""
        if self._bodiless:
            return
        self.complete = False
        if self._left > 0:
            return
        fields = self._checked(headers)
        self.complete = True
        taken = self.head.takes_trailers()
        outlet = self._outlet
        if outlet.send_trailers(self.flow, fields) if taken else outlet.send(self.flow, b"", ended=True):
            self._link.answered(self.number, whole=self.body_ended)

    def write_hints(self, links: Headers) -> None:
        """See Cycle."""
        if not self.head_sent:
            self._put_head(103, self._checked(links), ended=False)

    def room(self) -> "asyncio.Future[None] | None":
        """See Cycle."""
        outlet = self._outlet
        if self.gone or (outlet.writable and self.flow.unsent_size <= WRITE_BUFFER):
            return None
        if self._drained is None or self._drained.done():
            self._drained = self._site.loop.create_future()
        return self._drained

    def answered(self) -> None:
        """The answer was sent. Who waits in `receive` learns that there is nothing more to wait for."""
        self.unblock()
        if self.pipe is not None:
            self.pipe.lost()
        elif self.complete:
            self._wake()

    def unblock(self) -> None:
        """The client takes more, or is gone."""
        drained = self._drained
        if drained is not None:
            self._drained = None
            if not drained.done():
                drained.set_result(None)

    def wanted(self) -> None:
        """See Cycle. A client that waits for it is told to send its body (RFC 9110 section 10.1.1)."""
        if self._owed_continue:
            self._owed_continue = False
            if not self.head_sent and not self.gone:
                self._put_head(100, [], ended=False)

    def taken(self, size: int) -> None:
        """See Cycle."""
        self._link.taken(self.number, size)

    def over(self) -> None:
        """See Cycle."""
        self.returned = True
        unread = self.waiting
        self.waiting = 0
        self._chunks.clear()
        self._link.application_over(self.number, unread)
        # Whoever was stopped while it waited for room was stopped because the client does not read.
        stalled = self._drained is not None and self._drained.cancelled()
        if not self.gone and (stalled or not self.complete):
            self._link.broken_off(self.number)

    def _checked(self, headers: Headers) -> Headers:
        """What may be sent. Raises ValueError when a field may not be."""
        self._left = check_answer(headers)
        if self._left == UNFIT:
            headers = fit(headers)
            self._left = check_answer(headers)
        return headers

    def _put_head(self, status: int, headers: Headers, *, ended: bool) -> None:
        outlet = self._outlet
        block = outlet.encoder.encode(status, headers)
        outlet.put(head_frames(self.number, block, outlet.settings.frame_size, ended=ended))
