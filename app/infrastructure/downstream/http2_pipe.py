"""One HTTP/2 stream as a pipe of bytes, shaped like a transport of asyncio: what a WebSocket runs over (RFC 8441).

Not for what is said in it.
"""

from typing import Any, Final

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.http2_stream import Http2Stream
from app.infrastructure.downstream.site import WRITE_BUFFER

_NOTHING: Final = b""


class Http2Pipe:
    """`accept` or `refuse` comes first. Its protocol is shaped like one of asyncio."""

    __slots__ = (
        "_closing",
        "_held",
        "_high",
        "_link",
        "_outlet",
        "_paused",
        "_protocol",
        "_reading",
        "_stream",
        "_told_end",
    )

    def __init__(self, stream: Http2Stream) -> None:
        self._stream = stream
        self._link = stream._link
        self._outlet = stream._outlet
        self._protocol: Any = None
        self._reading = True
        self._held: list[bytes] = []
        """What came and was not wanted yet."""
        self._told_end = False
        self._high = WRITE_BUFFER
        self._paused = False
        self._closing = False

    # The answer to the handshake.

    def accept(self, headers: Headers) -> None:
        """Answer 200: bytes follow, both ways."""
        self._stream.head_sent = True
        self._stream.write_head(200, headers)

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer with a refusal, which ends the stream."""
        self._closing = self._stream.head_sent = self._stream.complete = True
        self._stream.write_whole(status, headers, body)

    # Of asyncio.Transport.

    def set_protocol(self, protocol: Any) -> None:
        """Whom to tell what comes."""
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the connection below knows."""
        return self._outlet.transport.get_extra_info(name, default)

    def write(self, data: bytes) -> None:
        """Send, as soon as the client takes it."""
        if self._closing or not data:
            return
        self._outlet.send(self._stream.flow, data, ended=False)
        if not self._paused and self._stream.flow.unsent_size > self._high:
            self._paused = True
            self._protocol.pause_writing()

    def close(self) -> None:
        """Send what was written, and then the end."""
        if self._closing:
            return
        self._closing = self._stream.complete = True
        if self._outlet.send(self._stream.flow, _NOTHING, ended=True):
            self._link.answered(self._stream.number, whole=self._stream.body_ended)

    def abort(self) -> None:
        """End the stream now."""
        self._closing = True
        if not self._stream.gone:
            self._link.broken_off(self._stream.number)

    def is_closing(self) -> bool:
        """Whether nothing more may be written."""
        return self._closing

    def can_write_eof(self) -> bool:
        """There is no half-closing: `close` is it."""
        return False

    def get_write_buffer_size(self) -> int:
        """Bytes that the client has not taken."""
        return self._stream.flow.unsent_size

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """From how many bytes on the protocol is told to pause; it resumes when there are no more than that."""
        if high is not None:
            self._high = high

    def pause_reading(self) -> None:
        """Let the client fill its window, and no more."""
        self._reading = False

    def resume_reading(self) -> None:
        """Take what came, and let the client send more."""
        self._reading = True
        while self._held and self._reading:
            self._give(self._held.pop(0))
        self._give_end()

    # Of the stream.

    def came(self, data: bytes, *, ended: bool) -> None:
        """A part of what the client sends."""
        if data and self._reading and not self._held:
            self._give(data)
        elif data:
            self._held.append(data)
        if ended:
            self._give_end()

    def moved(self) -> None:
        """The client took a part of what waits."""
        if self._paused and self._stream.flow.unsent_size <= self._high:
            self._paused = False
            self._protocol.resume_writing()

    def lost(self) -> None:
        """The stream is over."""
        self._closing = self._stream.gone = True
        unread = sum(map(len, self._held))
        self._held.clear()
        self._link.taken(self._stream.number, unread)
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(None)

    def _give(self, data: bytes) -> None:
        self._link.taken(self._stream.number, len(data))
        if self._protocol is not None:
            self._protocol.data_received(data)

    def _give_end(self) -> None:
        if self._stream.body_ended and self._reading and not self._held and not self._told_end:
            self._told_end = True
            if self._protocol is not None and not self._protocol.eof_received():
                self.close()
