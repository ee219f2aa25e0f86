"""One HTTP/1.1 connection to a target. Not for parsing (http1_reader) or for choosing connections (pool).

    IDLE --begin--> BUSY --whole answer read, whole request sent--> IDLE
      any state --EOF, error, timeout, abandon, early answer--> CLOSED

Rules:
1. Bytes that come while IDLE were not asked for: the connection is closed (P-26).
2. It is IDLE again only when nothing is in doubt; everything else closes it (A-35).
3. `free` is called when it is IDLE again, `lost` exactly once when the socket is gone.
"""

import asyncio
from collections.abc import Callable
from enum import Enum
from math import inf
from typing import cast

from app.domain.entities.headers import Headers
from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.service import Timeouts
from app.domain.errors import GatewayError, MalformedResponse, Retryable, TotalTimeout, UpstreamReset
from app.infrastructure.transport import http1_failures as failures
from app.infrastructure.transport.http1_body import Http1Body
from app.infrastructure.transport.http1_reader import ResponseReader
from app.infrastructure.transport.http1_upload import Upload
from app.infrastructure.wire.sweeper import Sweeper


class State(Enum):
    """The transitions are in the module's docstring."""

    IDLE = "idle"
    BUSY = "busy"
    CLOSED = "closed"


_IDLE, _BUSY, _CLOSED = State.IDLE, State.BUSY, State.CLOSED  # looked up on every request
Told = Callable[["Http1Connection"], None]


class Http1Connection(asyncio.Protocol):
    """Sends one request at a time and reads its answer. A body's Source: it pauses, resumes and abandons it."""

    def __init__(self, sweeper: Sweeper, head_limit: int, free: Told, lost: Told) -> None:
        self._loop = asyncio.get_running_loop()
        self._sweeper = sweeper
        self._free = free
        self._lost = lost
        self._reader = ResponseReader(head_limit)
        self._transport: asyncio.Transport | None = None
        self.state = _IDLE
        self.idle_since = 0.0
        self.deadline = inf
        self._total = inf
        self._timeouts = Timeouts()
        self._event: asyncio.Future[None] | None = None
        self._failure: GatewayError | None = None
        self._upload: Upload | None = None
        self._body: Http1Body | None = None

    @property
    def answered(self) -> bool:
        """Whether any byte of the answer to the last request has come."""
        return self._reader.started

    def usable(self) -> bool:
        """Whether a request may be sent now."""
        return self.state is _IDLE and self._transport is not None and not self._transport.is_closing()

    async def send(self, head: bytes, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> Response:
        """Send `request`, whose head is `head`; the response once its head is here. Raises GatewayError."""
        reader = self._reader
        try:
            self._begin(head, request, timeouts, deadline)
            while not reader.head_done and self._failure is None:
                self._event = self._loop.create_future()
                await self._event
                if reader.interim:
                    await self._pass_on(reader.take_interim(), request)
        except BaseException:
            self.abandon()
            raise
        if reader.done:
            self._finish()
            return Response(reader.status, reader.headers, b"".join(reader.chunks), reader.trailers)
        if not reader.head_done and self._failure is not None:
            raise self._failure
        return Response(reader.status, reader.headers, self._stream())

    def close(self) -> None:
        """Close now; whatever is under way fails."""
        if self.state is _BUSY:
            self._fail(UpstreamReset("the gateway closed the connection", retryable=Retryable.NEVER))
        else:
            self._shut()

    def abandon(self) -> None:
        """Nobody wants the rest of the answer."""
        self._settle()
        self._shut()

    def _begin(self, head: bytes, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> None:
        transport = self._transport
        self._reader.expect(request.method)
        self._failure = None
        if transport is None or transport.is_closing():
            raise UpstreamReset("the connection was closed before the request was sent", retryable=Retryable.ALWAYS)
        self.state = _BUSY
        self._total = deadline or inf
        self._timeouts = timeouts
        body = request.body
        if isinstance(body, bytes):
            transport.write(head + body)
            self._await_answer()
        else:
            transport.write(head)
            self.deadline = self._total
            self._upload = Upload(transport, self._on_upload_ended)
            self._upload.start(body, request.length)
        self._sweeper.watch(self)

    async def _pass_on(self, interim: list[tuple[int, Headers]], request: UpstreamRequest) -> None:
        for status, headers in interim:
            if status == 103 and request.on_early_hints is not None:
                # The client may be slow to take it: what comes meanwhile must not pile up, nor is the target late.
                self.pause()
                await request.on_early_hints(headers)
                self.resume()
                if self._upload is None or self._upload.done:
                    self._await_answer()

    def _stream(self) -> Http1Body:
        body = Http1Body(self, self._reader.chunks, self._reader.trailers)
        if self._failure is not None:
            body.end(self._failure)
        else:
            self._body = body
            if not body.paused:
                self.resume()
        return body

    def _finish(self) -> None:
        """The whole answer is here."""
        reader = self._reader
        upload = self._upload
        self._settle()
        if reader.keep_alive and not reader.dirty and self.state is _BUSY and (upload is None or upload.done):
            self.state = _IDLE
            self._free(self)
        else:
            self._shut()

    def _fail(self, error: GatewayError) -> None:
        """The exchange cannot go on."""
        self._failure = error
        body = self._body
        self._settle()
        self._shut()
        if body is not None:
            body.end(error)
        self._wake()

    def _settle(self) -> None:
        """Let go of everything that belongs to the exchange."""
        self._sweeper.unwatch(self)
        self._body = None
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.cancel()

    def _shut(self) -> None:
        self.state = _CLOSED
        if self._transport is not None:
            self._transport.abort()

    def _wake(self) -> None:
        if self._event is not None and not self._event.done():
            self._event.set_result(None)

    def _await_answer(self) -> None:
        self.deadline = min(self._loop.time() + self._timeouts.response, self._total)

    def _touch(self) -> None:
        self.deadline = min(self._loop.time() + self._timeouts.idle, self._total)

    def _on_upload_ended(self, upload: Upload) -> None:
        if upload.error is not None:
            self._fail(upload.error)
        elif not self._reader.head_done:
            self._await_answer()
        elif self._body is not None and not self._body.paused:
            self._touch()

    def on_late(self) -> None:
        """Some deadline has passed: find out which, and fail."""
        if self._loop.time() >= self._total:
            self._fail(TotalTimeout("the exchange took longer than its total timeout"))
            return
        times, upload = self._timeouts, self._upload
        uploading = upload is not None and not upload.done
        if upload is not None and uploading and not upload.blocked:
            self._touch()  # the target waits for the client's next part, whose lateness is the stream's matter
            return
        self._fail(failures.late(times.idle, times.response, in_body=self._body is not None, uploading=uploading))

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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # TCP and TLS transports are; uvloop's do not say so by their classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.state is not _BUSY:
            self._shut()
            return
        reader = self._reader
        try:
            reader.feed(data)
        except MalformedResponse as error:
            self._fail(error)
            return
        body = self._body
        if body is None:
            if reader.head_done or reader.interim:
                self._wake()
            if len(reader.chunks) > 1 and not reader.done:
                self.pause()  # one look at the socket may bring megabytes before anybody takes the first part
        elif reader.done:
            self._finish()
            body.end()
        else:
            self._touch()
            body.fed()

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
        busy = self.state is _BUSY
        self.state = _CLOSED
        self._lost(self)
        if not busy:
            return
        reader, body = self._reader, self._body
        if error is None and reader.end():
            self._finish()
            if body is not None:
                body.end()
            self._wake()
        else:
            self._fail(failures.lost(error, started=reader.started, head_done=reader.head_done))
