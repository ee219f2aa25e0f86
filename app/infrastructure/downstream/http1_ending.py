"""How a client connection over HTTP/1 ends, and how what a client still sends is thrown away. Not for serving.

A connection that is closed while its client writes is reset by the kernel, and the client loses the answer that it has
not read yet (RFC 9112 section 9.6): so it is read on for a while (P-35, docs/decisions/0009-lingering-answers.md).
"""

import asyncio
import socket
import struct
from typing import Final, cast

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_line import Line
from app.infrastructure.downstream.http1_reader import RequestReader
from app.infrastructure.downstream.site import Site

NEVER: Final = float("inf")
_NO_LINGER: Final = struct.pack("ii", 1, 0)
LINGER_BYTES: Final = 1024 * 1024
LINGER_SECONDS: Final = 2.0
"""How much of a request is read after its answer."""


class EndingLine(Line):
    """Knows what was read, whether it reads, and by when something must happen."""

    __slots__ = ("_closing", "_deaf", "_discarded", "_lingering", "_reader", "_reading", "_unsent", "deadline")

    def __init__(self, site: Site) -> None:
        super().__init__(site, cast("asyncio.Transport", None))
        self._reader = RequestReader(site.limits.max_head, site.limits.max_headers)
        self._reading = True
        self._lingering = False
        """Whether the rest of a request is thrown away."""
        self._closing = False
        """Whether nothing more will be served."""
        self._deaf = False
        """Whether what comes is thrown away: always when closing, and once it cannot be understood any more."""
        self._discarded = 0
        self._unsent = 0
        self.deadline = NEVER

    def proceed(self) -> None:
        """The request is read to its end: the next one may come."""
        raise NotImplementedError

    def wait(self) -> None:
        """A head must come in time."""
        self.deadline = self.site.loop.time() + self.site.limits.head_timeout

    def stop_reading(self) -> None:
        """The client has to wait."""
        if self._reading and not self._closing:
            self._reading = False
            self.transport.pause_reading()

    def read_on(self) -> None:
        """It may go on."""
        if not self._reading and not self._closing:
            self._reading = True
            self.transport.resume_reading()

    def linger(self) -> None:
        """Read the rest of a request that was answered early, and throw it away; then the next one may come."""
        self._lingering = True
        self._discarded = 0
        self.deadline = self.site.loop.time() + LINGER_SECONDS
        self.read_on()
        self.discard()

    def discard(self) -> None:
        """Throw away what came of that rest."""
        reader = self._reader
        try:
            while chunk := reader.body():
                self._discarded += len(chunk)
        except DownstreamError:
            self.close()
            return
        if reader.ended:
            self._lingering = False
            self.wait()
            self.proceed()
        elif self._discarded > LINGER_BYTES:
            self.close()

    def throw_away(self, size: int) -> None:
        """Bytes came that nobody wants."""
        self._discarded += size
        if self._discarded <= LINGER_BYTES:
            return
        if self._closing:
            self.transport.abort()
        else:
            self.stop_reading()

    def part(self, *, by_close: bool) -> None:
        """Close after an answer whose client may still write. `by_close`: only a close tells it where the answer ends.

        TLS cannot end one direction alone; its client learns from the answer that the connection is to end."""
        transport = self.transport
        half = transport.can_write_eof()
        if transport.is_closing() or (by_close and not half):
            self.close()
            return
        self.read_on()
        self._closing = self._deaf = True
        self._discarded = 0
        if half:
            transport.write_eof()
        self.deadline = self.site.loop.time() + LINGER_SECONDS

    def close(self) -> None:
        """Close once what was written is with the client."""
        self._closing = self._deaf = True
        self._lingering = False
        self._unsent = self.transport.get_write_buffer_size()
        # With nothing left to send, only TLS still waits: for the client to say that it has heard of the end.
        patience = self.site.limits.write_idle if self._unsent else LINGER_SECONDS
        self.deadline = self.site.loop.time() + min(patience, self.site.limits.write_idle)
        self.transport.close()

    def abort(self) -> None:
        """Close now: what was written may be lost."""
        self._closing = self._deaf = True
        self.transport.abort()

    def reset(self) -> None:
        """Close now, and so that no client takes it for a clean end: the kernel sends RST, not FIN."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.abort()

    def close_late(self) -> None:
        """The client took nothing of what is left for a whole `write_idle`, or its linger is over."""
        unsent = self.transport.get_write_buffer_size()
        if not self.transport.is_closing():
            self.close()
        elif unsent < self._unsent:
            self._unsent = unsent
            self.deadline = self.site.loop.time() + self.site.limits.write_idle
        else:
            self.transport.abort()
