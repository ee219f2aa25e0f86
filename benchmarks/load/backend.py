"""The backend for streams: bodies down and up, and a WebSocket echo. It shares a core with the generator: cheap first.

    GET /bytes/<n>   n bytes with Content-Length        PUT, POST any path   swallowed, answered {"bytes": n}
    GET any path     116 bytes of JSON                  GET /echo            WebSocket: each message comes back

It breaks no rule of HTTP, but checks none: it is for loads that behave.
"""

import argparse
import asyncio
import re
from typing import Any, Final, cast

import httptools
import uvloop

from benchmarks.load import frames
from benchmarks.load.echo import Echo

BLOCK: Final = bytes(range(256)) * 1024
"""What bodies are made of: 256 KiB."""
READ: Final = bytearray(256 * 1024)
"""Every connection reads into this: what is read is looked at before anything else is."""
_SMALL: Final = b'{"message":"%b"}' % (b"m" * 102)
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_SMALL), _SMALL)
)  # fmt: skip
_BYTES: Final = re.compile(rb"/bytes/(\d+)")
_ECHO: Final = re.compile(rb"/echo(\?|$)")


class Connection(asyncio.BufferedProtocol):
    """One connection; requests are answered in turn."""

    def __init__(self) -> None:
        self._transport = cast("asyncio.Transport", None)
        self._parser: Any = None
        self._target = b""
        self._method = b""
        self._key = b""
        self._announced = 0
        self._swallowed = 0
        self._skip = 0
        """Bytes of a request body that still come, and need no parser."""
        self._missing = 0
        """Bytes of an answer that are not written yet."""
        self._blocked = False
        self._echo: Echo | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(4 * len(BLOCK))
        self._parser = httptools.HttpRequestParser(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        return READ

    def buffer_updated(self, count: int) -> None:
        if self._echo is not None:
            self._speak(bytes(memoryview(READ)[:count]))
        elif self._skip > count:
            self._skip -= count
            self._swallowed += count
        else:
            self._parse(memoryview(READ)[:count])

    def _parse(self, data: memoryview) -> None:
        if self._skip:
            self._swallowed += self._skip
            data = data[self._skip :]
            self._skip = 0
            self._parser = httptools.HttpRequestParser(self)
            self._answer()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserError:
            self._transport.abort()
        # The rest of a long body goes round the parser, which would copy all of it.
        if self._announced > self._swallowed > 0 and not self._missing:
            self._skip = self._announced - self._swallowed

    def on_message_begin(self) -> None:
        self._announced = self._swallowed = 0
        self._target = self._key = b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"content-length":
            self._announced = int(value)
        elif name == b"sec-websocket-key":
            self._key = value

    def on_headers_complete(self) -> None:
        self._method = self._parser.get_method()

    def on_body(self, body: bytes) -> None:
        self._swallowed += len(body)

    def on_message_complete(self) -> None:
        if not self._key:
            self._answer()

    def _answer(self) -> None:
        found = _BYTES.search(self._target)
        if found:
            self._missing = int(found[1])
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self._missing)
            self._stream()
        elif self._method != b"GET" or self._swallowed:
            body = b'{"bytes": %d}' % self._swallowed
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        else:
            self._transport.write(ANSWER)
        self._announced = self._swallowed = 0

    def _stream(self) -> None:
        while self._missing and not self._blocked:
            block = BLOCK if self._missing >= len(BLOCK) else BLOCK[: self._missing]
            self._missing -= len(block)
            self._transport.write(block)

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._stream()

    def _upgrade(self, rest: bytes) -> None:
        if not self._key or not _ECHO.search(self._target):
            self._transport.abort()
            return
        self._echo = Echo()
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n" % frames.accept_of(self._key)
        )
        if rest:
            self._speak(rest)

    def _speak(self, data: bytes) -> None:
        assert self._echo is not None  # noqa: S101  # the caller looked
        self._transport.write(self._echo.answer(data))
        if self._echo.closed:
            self._transport.close()


async def serve(port: int) -> None:
    """Until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.backend", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
