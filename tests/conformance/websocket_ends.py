"""The two ends of a tunnel: raw peers that note what they are sent, and what of it is illegal. Not for judging."""

import asyncio
import os
import socket
import struct
from contextlib import suppress
from typing import NamedTuple

from tests.conformance.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, xor

Message = str | bytes


class Goodbye(NamedTuple):
    """A close frame; the code is None when there was none."""

    code: int | None
    reason: str = ""


class Illegal(Exception):
    """What the gateway sent breaks RFC 6455."""


class End:
    """One end of a tunnel: the client, which masks, or the service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: bool) -> None:
        self.writer = writer
        self.messages: list[Message] = []
        self.pongs: list[bytes] = []
        self.goodbye: Goodbye | None = None
        self.illegal = ""
        """What the gateway did wrong."""
        self.ended = False
        """Whether the gateway ended the connection."""
        self.echo = not client
        self._reader = reader
        self._client = client
        self._opcode = 0
        self._parts = bytearray()
        self.within_frame = False
        """Whether a frame is being sent in pieces: no pong may come between."""
        self._owed: list[Frame] = []

    def write(self, *frames: Frame) -> None:
        """Send frames, all at once."""
        self.writer.write(b"".join(frame.encode(self._client) for frame in frames))

    async def dribble(self, data: bytes, size: int) -> None:
        """Send bytes in pieces of `size`, each in a write of its own, as far as the gateway takes them.

        Not through the writer: a write that fails would end the reading too, and with it a close frame that is there.
        """
        self.within_frame = True
        with suppress(OSError), socket.socket(fileno=os.dup(self.writer.get_extra_info("socket").fileno())) as twin:
            twin.setblocking(False)
            for start in range(0, len(data), size):
                await asyncio.get_running_loop().sock_sendall(twin, data[start : start + size])
                await asyncio.sleep(0)
        self.within_frame = False
        self.write(*self._owed)
        self._owed.clear()

    def encode(self, *frames: Frame) -> bytes:
        """The bytes that this end would send."""
        return b"".join(frame.encode(self._client) for frame in frames)

    async def listen(self) -> None:
        """Read until the connection ends; the service echoes, and answers a close by ending the connection."""
        try:
            while True:
                await self._take(await self._frame())
        except asyncio.IncompleteReadError as error:
            self.ended = True
            if error.partial:
                self.illegal = "the connection ended within a frame"
        except ConnectionError:
            self.ended = True
        except Illegal as error:
            self.illegal = str(error)

    async def _frame(self) -> Frame:
        first, second = await self._reader.readexactly(2)
        masked, length = bool(second & 0x80), second & 0x7F
        if masked is self._client:
            raise Illegal("a mask from a server" if masked else "no mask from a client")
        if length == 126:
            (length,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
        key = await self._reader.readexactly(4) if masked else b""
        payload = await self._reader.readexactly(length)
        return Frame(first & 0xF, xor(payload, key) if masked else payload, bool(first & 0x80), first >> 4 & 7)

    async def _take(self, frame: Frame) -> None:
        if self.goodbye is not None:
            raise Illegal(f"{frame} after a close frame")
        if frame.rsv:
            raise Illegal(f"reserved bits: {frame}")
        if frame.opcode in {CLOSE, PING, PONG}:
            await self._take_control(frame)
        elif frame.opcode in {TEXT, BINARY, CONTINUATION}:
            await self._take_data(frame)
        else:
            raise Illegal(f"opcode {frame.opcode}")

    async def _take_control(self, frame: Frame) -> None:
        if not frame.fin or len(frame.payload) > 125:
            raise Illegal(f"control frame {frame}")
        if frame.opcode == PING:
            pong = Frame(PONG, frame.payload)
            if self.within_frame:
                self._owed.append(pong)
            else:
                self.write(pong)
        elif frame.opcode == PONG:
            self.pongs.append(frame.payload)
        else:
            self.goodbye = _goodbye(frame.payload)
            if not self.writer.is_closing():
                self.write(frame)
            if not self._client:
                self.writer.close()

    async def _take_data(self, frame: Frame) -> None:
        if (frame.opcode == CONTINUATION) is not bool(self._opcode):
            raise Illegal(f"out of turn: {frame}")
        self._opcode = self._opcode or frame.opcode
        self._parts += frame.payload
        if not frame.fin:
            return
        data, opcode, self._opcode, self._parts = bytes(self._parts), self._opcode, 0, bytearray()
        self.messages.append(_decode(data) if opcode == TEXT else data)
        if self.echo:
            self.write(Frame(opcode, data))
            with suppress(ConnectionError):
                await self.writer.drain()


def _goodbye(payload: bytes) -> Goodbye:
    if not payload:
        return Goodbye(None)
    if len(payload) == 1:
        raise Illegal("a close frame of one byte")
    (code,) = struct.unpack("!H", payload[:2])
    if code in {1004, 1005, 1006, 1015} or not (1000 <= code <= 1014 or 3000 <= code <= 4999):
        raise Illegal(f"close code {code}")
    return Goodbye(code, _decode(payload[2:]))


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Illegal(f"no UTF-8: {data[:40]!r}") from None
