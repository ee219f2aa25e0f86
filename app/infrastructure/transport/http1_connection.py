"""One HTTP/1.1 connection to a target. Not for parsing (http1_reader) or for choosing connections (pool).

    IDLE --send--> BUSY --whole answer read, whole request sent--> IDLE
      any state --EOF, error, timeout, abandon, early answer--> CLOSED

Rules:
1. Bytes that come while IDLE were not asked for: the connection is closed (P-26).
2. It is IDLE again only when nothing is in doubt; everything else closes it (A-35).
3. `free` is called when it is IDLE again, `lost` exactly once when the socket is gone.
"""

import asyncio
import ssl
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import cast

from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.service import Timeouts
from app.domain.errors import (
    GatewayError,
    IdleTimeout,
    MalformedResponse,
    ResponseTimeout,
    Retryable,
    TotalTimeout,
    TruncatedResponse,
    UpstreamReset,
)
from app.infrastructure.transport.http1_body import Http1Body
from app.infrastructure.transport.http1_reader import ResponseReader
from app.infrastructure.transport.http1_upload import Upload
from app.infrastructure.transport.sweeper import Sweeper
from app.infrastructure.transport.tls import describe_tls_error


class State(Enum):
    """The transitions are in the module's docstring."""

    IDLE = "idle"
    BUSY = "busy"
    CLOSED = "closed"


class Http1Connection(asyncio.Protocol):
    """Sends one request at a time and reads its answer. Its body is a Source of the connection's bytes."""

    def __init__(
        self,
        sweeper: Sweeper,
        head_limit: int,
        free: Callable[["Http1Connection"], None],
        lost: Callable[["Http1Connection"], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sweeper = sweeper
        self._free = free
        self._lost = lost
        self._reader = ResponseReader(head_limit)
        self._transport: asyncio.Transport | None = None
        self.state = State.IDLE
        self.idle_since = 0.0
        self.deadline = inf
        self._total = inf
        self._idle = inf
        self._response = inf
        self._waiter: asyncio.Future[None] | None = None
        self._failure: GatewayError | None = None
        self._upload: Upload | None = None
        self._body: Http1Body | None = None

    @property
    def answered(self) -> bool:
        """Whether any byte of the answer to the last request has come."""
        return self._reader.started

    def usable(self) -> bool:
        """Whether a request may be sent now."""
        return self.state is State.IDLE and self._transport is not None and not self._transport.is_closing()

    async def send(self, head: bytes, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> Response:
        """Send `request`, whose head is `head`; the response once its head is here. Raises GatewayError."""
        self._begin(head, request, timeouts, deadline)
        reader = self._reader
        try:
            while not reader.head_done:
                if self._failure is not None:
                    raise self._failure
                self._waiter = self._loop.create_future()
                await self._waiter
                if reader.interim:
                    await self._pass_on_interim(request)
        except BaseException:
            self.abandon()
            raise
        if reader.done:
            self._finish()
            return Response(reader.status, reader.headers, b"".join(reader.chunks), reader.trailers)
        return Response(reader.status, reader.headers, self._stream())

    def close(self) -> None:
        """Close now; whatever is under way fails."""
        if self.state is State.BUSY:
            self._fail(UpstreamReset("the gateway closed the connection", retryable=Retryable.NEVER))
        else:
            self._shut()

    def _shut(self) -> None:
        self.state = State.CLOSED
        if self._transport is not None:
            self._transport.abort()

    def _stream(self) -> Http1Body:
        body = Http1Body(self, self._reader.chunks, self._reader.trailers)
        if self._failure is not None:
            body.end(self._failure)
        else:
            self._body = body
            self._touch()
        return body

    def _begin(self, head: bytes, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> None:
        transport = self._transport
        self._reader.expect(request.method)
        self._failure = None
        if transport is None or transport.is_closing():
            raise UpstreamReset("the connection was closed before the request was sent")
        self.state = State.BUSY
        self._total = deadline or inf
        self._idle = timeouts.idle
        self._response = timeouts.response
        body = request.body
        if isinstance(body, bytes):
            transport.write(head + body if body else head)
            self.deadline = min(self._loop.time() + timeouts.response, self._total)
        else:
            transport.write(head)
            self.deadline = self._total
            self._upload = Upload(transport, self._on_upload_ended)
            self._upload.start(body, request.length)
        self._sweeper.watch(self)

    async def _pass_on_interim(self, request: UpstreamRequest) -> None:
        interim, self._reader.interim = self._reader.interim, []
        if request.on_early_hints is not None:
            for status, headers in interim:
                if status == 103:
                    await request.on_early_hints(headers)

    def _finish(self) -> None:
        """The whole answer is here."""
        self._sweeper.unwatch(self)
        self._body = None
        upload, self._upload = self._upload, None
        reader = self._reader
        if upload is not None and not upload.done:
            upload.cancel()
            self._shut()
        elif reader.keep_alive and not reader.dirty and self.state is State.BUSY:
            self.state = State.IDLE
            self._free(self)
        else:
            self._shut()

    def _fail(self, error: GatewayError) -> None:
        """The exchange cannot go on."""
        self._failure = error
        self._sweeper.unwatch(self)
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.cancel()
        body, self._body = self._body, None
        self._shut()
        if body is not None:
            body.end(error)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _on_upload_ended(self, upload: Upload) -> None:
        if upload.error is not None:
            self._fail(upload.error)
        elif not self._reader.head_done:
            self.deadline = min(self._loop.time() + self._response, self._total)

    def on_late(self) -> None:
        """Some deadline has passed: find out which, and fail."""
        upload = self._upload
        now = self._loop.time()
        if now >= self._total:
            self._fail(TotalTimeout("the exchange took longer than its total timeout"))
        elif self._body is not None:
            self._fail(IdleTimeout(f"the target sent nothing for {self._idle:g} s in the middle of its answer"))
        elif upload is not None and not upload.done:
            self._fail(IdleTimeout(f"the target took nothing of the request for {self._idle:g} s"))
        else:
            self._fail(ResponseTimeout(f"the target sent no answer within {self._response:g} s"))

    def _touch(self) -> None:
        self.deadline = min(self._loop.time() + self._idle, self._total)

    def pause(self) -> None:
        """The client is slow: read no more, and do not blame the target."""
        if self._transport is not None:
            self._transport.pause_reading()
        self.deadline = self._total

    def resume(self) -> None:
        """The client took what was read."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        self._touch()

    def abandon(self) -> None:
        """Nobody wants the rest of the answer."""
        self._sweeper.unwatch(self)
        self._body = None
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.cancel()
        self._shut()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # TCP and TLS transports are; uvloop's do not say so by their classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.state is not State.BUSY:
            self._shut()
            return
        reader = self._reader
        try:
            reader.feed(data)
        except MalformedResponse as error:
            self._fail(error)
            return
        body = self._body
        if body is not None:
            self._touch()
            if reader.done:
                self._finish()
                body.end()
            else:
                body.fed()
        elif reader.head_done or reader.interim:
            self._wake()

    def pause_writing(self) -> None:
        if self._upload is not None:
            self._upload.block()
            if self._body is None:
                self._touch()

    def resume_writing(self) -> None:
        if self._upload is not None:
            self._upload.unblock()
            if self._body is None and not self._upload.done:
                self.deadline = self._total

    def connection_lost(self, error: Exception | None) -> None:
        busy = self.state is State.BUSY
        self.state = State.CLOSED
        self._lost(self)
        if not busy:
            return
        reader = self._reader
        if error is None and reader.end():
            body = self._body
            self._finish()
            if body is not None:
                body.end()
        elif reader.head_done:
            self._fail(TruncatedResponse("the target closed the connection in the middle of its answer"))
        else:
            self._fail(UpstreamReset(_reset_detail(reader.started, error)))


def _reset_detail(started: bool, error: Exception | None) -> str:
    where = "in the middle of the head of its answer" if started else "before it answered"
    if error is None:
        return f"the target closed the connection {where}"
    reason = describe_tls_error(error) if isinstance(error, ssl.SSLError) else str(error).lower()
    return f"the target closed the connection {where}: {reason}"
