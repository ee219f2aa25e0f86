"""What streams of HTTP/2 carry: heads, bodies and trailers of requests. Not for how streams end (http2_streams)."""

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError
from app.infrastructure.downstream.client_tls import TLS
from app.infrastructure.downstream.cycle import REFUSAL
from app.infrastructure.downstream.http2_fields import WEBSOCKET, Malformed, check_fields, request_head
from app.infrastructure.downstream.http2_frames import (
    FLOW_CONTROL_ERROR,
    PROTOCOL_ERROR,
    REFUSED_STREAM,
    STREAM_CLOSED,
    Http2Error,
    StreamError,
)
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.http2_stream import Http2Stream
from app.infrastructure.downstream.http2_streams import Http2Streams
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.scope import http_scope
from app.infrastructure.downstream.websocket_scope import websocket_scope
from app.infrastructure.downstream.websocket_session import serve_over_http2


class Http2Requests(Http2Streams):
    """Raises Http2Error for what ends the connection, StreamError for what ends a stream."""

    __slots__ = ()

    def check_head(self, number: int) -> None:
        """HEADERS may come for a stream. Raises Http2Error."""
        stream = self.streams.get(number)
        if stream is not None:
            if stream.body_ended:
                raise Http2Error(STREAM_CLOSED, "HEADERS after the end of a request")
        elif number <= self.last:
            if number not in self.dropped:
                raise self.not_open(number)
        elif not number & 1:
            raise Http2Error(PROTOCOL_ERROR, "a stream that a client may not open")

    def take_head(self, number: int, fields: Headers | None, *, ended: bool) -> None:
        """A whole field block came; None for one that is too large. Raises Http2Error or StreamError."""
        self.patience.useful_frame()
        stream = self.streams.get(number)
        if stream is not None:
            self._trailers(stream, fields, ended=ended)
            return
        if number <= self.last:
            return
        self.opened(number)
        if self.parting:
            self.refuse_late(number)
            return
        most = self.site.limits.max_streams
        if len(self.streams) >= most or len(self.running) >= 2 * most:
            raise StreamError(number, REFUSED_STREAM)
        self._open(number, fields, ended=ended)

    def take_data(self, number: int, data: bytes, padding: int, *, ended: bool) -> None:
        """A part of a body came, with `padding` bytes that are none. Raises Http2Error or StreamError."""
        size = len(data) + padding
        if not self.inflow.came(size):
            raise Http2Error(FLOW_CONTROL_ERROR, "more than the window of the connection")
        stream = self.streams.get(number)
        if stream is None or stream.inflow is None or stream.body_ended:
            if number not in self.dropped:
                raise self.not_open(number)
            self.give_back(size)
            return
        if not stream.inflow.came(size):
            raise Http2Error(FLOW_CONTROL_ERROR, "more than the window of a stream")
        if padding:
            self.taken(number, padding)
        self._body(stream, data, ended=ended)

    def _body(self, stream: Http2Stream, data: bytes, *, ended: bool) -> None:
        if data:
            self.patience.useful_frame()
        if stream.complete or stream.returned:
            stream.body_ended = ended
            self.give_back(len(data))
        elif not stream.body(data, ended=ended):
            self.give_back(len(data))
            raise StreamError(stream.number, PROTOCOL_ERROR)

    def _open(self, number: int, fields: Headers | None, *, ended: bool) -> None:
        refusal: DownstreamError | None = None
        if fields is None or len(fields) > self.site.limits.max_headers:
            refusal = _too_large()
            head = RequestHead("GET", b"/", "2", [])
        else:
            try:
                head = request_head(fields, ended=ended)
            except Malformed:
                raise StreamError(number, PROTOCOL_ERROR) from None
        stream = Http2Stream(self, self.outlet, number, head, ended=ended)
        self.streams[number] = stream
        if head.upgrade == WEBSOCKET and not ended:
            self._websocket(stream, head)
            return
        if head.upgrade:
            refusal = _unknown_protocol()
        extensions = self.extensions if refusal is None else {**self.extensions, REFUSAL: refusal}
        self.running[number] = stream
        stream.run(http_scope(self.site, head, self.client, extensions))

    def _websocket(self, stream: Http2Stream, head: RequestHead) -> None:
        """RFC 8441."""
        pipe = stream.pipe = Http2Pipe(stream)
        extensions = {TLS: self.extensions[TLS]} if TLS in self.extensions else {}
        scope = websocket_scope(self.site, head, self.client, extensions)
        serve_over_http2(self.site, scope, pipe)

    def _trailers(self, stream: Http2Stream, fields: Headers | None, *, ended: bool) -> None:
        """They end the request, and are dropped (RFC 9110 section 6.5.1)."""
        if fields is None or not ended:
            raise StreamError(stream.number, PROTOCOL_ERROR)
        try:
            check_fields(fields)
        except Malformed:
            raise StreamError(stream.number, PROTOCOL_ERROR) from None
        self._body(stream, b"", ended=True)


def _too_large() -> DownstreamError:
    return DownstreamError(
        "the fields of the request are too large, or too many",
        status=431, code="fields_too_large", title="Request header fields too large",
    )  # fmt: skip


def _unknown_protocol() -> DownstreamError:
    """RFC 9220 section 3."""
    return DownstreamError("the only :protocol is websocket", status=501, code="protocol", title="Not implemented")
