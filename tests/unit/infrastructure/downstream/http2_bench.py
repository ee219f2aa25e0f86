"""A HTTP/2 connection of the server without a network: frames in, frames out, and an application to answer."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import hpack
import msgspec

from app.infrastructure.downstream.cycle import REFUSAL, WHOLE
from app.infrastructure.downstream.http2_connection import Http2Connection
from app.infrastructure.downstream.site import Limits, Message, Receive, Scope, Send, Site
from tests.h2_frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Fields,
    frame,
    head,
    pseudo,
)

TURNS = 12
"""Of the loop, in which everything that needs no time is done."""


class Transport:
    """A transport of asyncio that keeps what is written. With `full` it takes nothing more."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = self.aborted = self.half_closed = False
        self.reading = True
        self.full = False
        self.unsent = 0
        self.protocol: Any = None
        self.high = 0

    def write(self, data: bytes) -> None:
        assert not self.closed, "written after the end"
        self.written.append(data)
        if self.full:
            self.unsent += len(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def end(self) -> str:
        """What has become of it."""
        return "aborted" if self.aborted else "closed" if self.closed else "open"

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.half_closed = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def set_write_buffer_limits(self, high: int) -> None:
        self.high = high

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("10.0.0.1", 4711) if name == "peername" else default


class Answer(msgspec.Struct):
    """What came on one stream."""

    heads: list[list[tuple[bytes, bytes]]] = []
    body: bytes = b""
    ended: bool = False
    reset: int | None = None
    windows: int = 0
    """Bytes by which its window was widened."""

    @property
    def status(self) -> int:
        return int(dict(self.heads[0])[b":status"]) if self.heads else 0


class App:
    """Answers by path; records what it was asked, and how its clients left."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.gone = 0
        self.go = asyncio.Event()
        """What `/wait` and `/unread` wait for."""
        self.send: Send | None = None
        self.answer: Callable[[Scope, Receive, Send], Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.send = send
        if self.answer is not None:
            await self.answer(scope, receive, send)
            return
        path = scope["path"]
        if REFUSAL in scope["extensions"]:
            await send(
                {"type": WHOLE, "status": scope["extensions"][REFUSAL].status, "headers": [], "body": b"refused"}
            )
        elif path == "/wait":
            await self._wait(receive)
        elif path == "/fail":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"a", "more_body": True})
        elif path == "/unread":
            await self.go.wait()
            await self._read(receive, send)
        elif path == "/early":
            await send({"type": WHOLE, "status": 413, "headers": [], "body": b"early"})
        else:
            await self._read(receive, send)

    async def _wait(self, receive: Receive) -> None:
        while True:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return

    async def _read(self, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone += 1
                return
            body += message["body"]
            if not message["more_body"]:
                break
        self.bodies.append(body)
        await send({"type": WHOLE, "status": 200, "headers": [(b"x-a", b"1")], "body": b"served"})


class Bench:
    """`now` is the time of its connection; nothing moves it but a test."""

    def __init__(self, limits: Limits | None = None, *, settings: bytes = b"", begin: bool = True) -> None:
        self.app = App()
        loop = asyncio.get_running_loop()
        self.site = Site(self.app, loop, limits or Limits(), "http", ("127.0.0.1", 80))
        self.transport = Transport()
        self.connection = Http2Connection(self.site)
        self._decoder = hpack.Decoder()
        self._taken = 0
        self._data = b""
        self._block = b""
        self.answers: dict[int, Answer] = {}
        self.goaway: int | None = None
        self.goaway_text = b""
        self.goaway_last = 0
        self.pongs: list[bytes] = []
        self.pings: list[bytes] = []
        self.settings: dict[int, int] = {}
        self.acks = 0
        self.window = 0
        """Bytes by which the window of the connection was widened."""
        if begin:
            self.begin(settings)

    def begin(self, settings: bytes = b"") -> None:
        """The connection is made, and the client has done its part of the exchange of settings."""
        self.connection.take_over(cast("asyncio.Transport", self.transport), ("10.0.0.1", 4711), b"")
        self.send(PREFACE, frame(SETTINGS, 0, settings), frame(SETTINGS, 0, b"", ACK))

    def send(self, *frames: bytes) -> None:
        """What the client sends, in one piece."""
        self.connection.data_received(b"".join(frames))

    async def run(self, *frames: bytes) -> "Bench":
        """Send, let the applications run, and look at what came back."""
        if frames:
            self.send(*frames)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return self.look()

    def look(self) -> "Bench":
        """Take in what was written."""
        new = self.transport.written[self._taken :]
        self._taken += len(new)
        self._data += b"".join(new)
        while len(self._data) >= 9:
            size = int.from_bytes(self._data[:3], "big")
            kind, flags, stream = self._data[3], self._data[4], int.from_bytes(self._data[5:9], "big")
            self._take(kind, flags, stream, self._data[9 : 9 + size])
            self._data = self._data[9 + size :]
        return self

    def ask(
        self, stream: int = 1, path: str = "/", method: str = "GET", fields: Fields | None = None, **given: Any
    ) -> bytes:
        """The head of a request."""
        return head(stream, [*pseudo(path, method, scheme="http"), *(fields or [])], **given)

    def reset(self, stream: int) -> int | None:
        """The code with which a stream was reset."""
        return self.answers[stream].reset

    def verdict(self, stream: int = 1) -> str:
        """What became of a request, in a word and a number."""
        if self.goaway:
            return f"goaway {self.goaway}"
        answer = self.answers.get(stream)
        if answer is None:
            return "nothing"
        if answer.reset is not None and not answer.ended:
            return f"reset {answer.reset}"
        return f"answer {answer.status}" if answer.ended else "begun"

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        answer = self.answers.setdefault(stream, Answer()) if stream else Answer()
        if kind in {HEADERS, CONTINUATION}:
            self._block += payload
            if flags & 4:
                answer.heads.append(list(self._decoder.decode(self._block, raw=True)))
                self._block = b""
        elif kind == DATA:
            answer.body += payload
        elif kind == RST_STREAM:
            answer.reset = int.from_bytes(payload, "big")
        elif kind == WINDOW_UPDATE and stream:
            answer.windows += int.from_bytes(payload, "big")
        else:
            self._take_control(kind, flags, payload)
        answer.ended = answer.ended or (kind in {DATA, HEADERS} and bool(flags & END_STREAM))

    def _take_control(self, kind: int, flags: int, payload: bytes) -> None:
        if kind == GOAWAY:
            self.goaway_last = int.from_bytes(payload[:4], "big")
            self.goaway, self.goaway_text = int.from_bytes(payload[4:8], "big"), payload[8:]
        elif kind == PING:
            (self.pongs if flags & ACK else self.pings).append(payload)
        elif kind == SETTINGS and flags & ACK:
            self.acks += 1
        elif kind == SETTINGS:
            pairs = [payload[at : at + 6] for at in range(0, len(payload), 6)]
            self.settings = {int.from_bytes(pair[:2], "big"): int.from_bytes(pair[2:], "big") for pair in pairs}
        elif kind == WINDOW_UPDATE:
            self.window += int.from_bytes(payload, "big")
