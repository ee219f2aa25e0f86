"""What goes out on a HTTP/2 connection: collected, written at once, within the windows, one stream after the other.

Not for what is to be said: streams and the connection know that.
"""

import asyncio
from collections import deque
from typing import Final, cast

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.hpack_encoder import HeaderEncoder
from app.infrastructure.downstream.http2_floods import Patience
from app.infrastructure.downstream.http2_frames import DATA, END_STREAM, MOST, frame_head, head_frames
from app.infrastructure.downstream.http2_link import Link
from app.infrastructure.downstream.http2_outflow import Outflow
from app.infrastructure.downstream.http2_settings import DEFAULT_WINDOW, TABLE, ClientSettings
from app.infrastructure.downstream.site import WRITE_BUFFER

TRICKLE: Final = 1024
"""Bytes that a client must take of what waits for it, in the time that it has, to count as one that reads (A-05)."""


class Outlet:
    """`put` may be called at any time: all that is put in one turn of the loop goes in one write."""

    __slots__ = (
        "_closed", "_loop", "_owner", "_patience", "_pieces", "_scheduled", "_size", "_turns", "encoder", "settings",
        "transport", "window", "writable",
    )  # fmt: skip

    def __init__(self, owner: Link, patience: Patience) -> None:
        self._owner = owner
        self._loop = owner.site.loop
        self._patience = patience
        self._pieces: list[bytes] = []
        self._size = 0
        """Bytes of bodies among them."""
        self._scheduled = False
        self._closed = False
        self._turns: deque[Outflow] = deque()
        self.transport = cast("asyncio.Transport", None)
        self.encoder = HeaderEncoder(TABLE)
        self.settings = ClientSettings()
        self.window = DEFAULT_WINDOW
        """Bytes that the client takes of all streams."""
        self.writable = True

    def put(self, data: bytes) -> None:
        """Write `data`, soon."""
        self._pieces.append(data)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def hold(self) -> None:
        """Somebody will `flush`."""
        self._scheduled = True

    def flush(self) -> None:
        """Write what was put, and what waits as far as the client takes it."""
        self._scheduled = False
        if self._closed:
            self._pieces.clear()
            return
        while True:
            if self._pieces:
                data = b"".join(self._pieces)
                self._pieces.clear()
                self._size = 0
                self.transport.write(data)
            if not self._turns or not self.writable:
                return
            self._pump()
            if not self._pieces:
                return

    def send(self, flow: Outflow, data: bytes, *, ended: bool) -> bool:
        """Write a part of a body, now or when it may be; `ended` says that it is the last. Whether it was now."""
        size = len(data)
        if flow.unsent_size == 0 and (size == 0 or self._fits(flow, size)):
            if size or ended:
                self._write(flow, data, ended=ended)
            return True
        flow.ends = ended
        if not size:
            return False
        if flow.unsent is None:
            flow.unsent = deque()
        if flow.unsent_size == 0:
            flow.moved_at = self._loop.time()
            flow.moved = 0
        flow.unsent.append(data)
        flow.unsent_size += size
        self.take_turn(flow)
        return False

    def send_trailers(self, flow: Outflow, fields: Headers) -> bool:
        """Write what ends a stream, after what waits of it. Whether it was now."""
        if flow.unsent_size:
            flow.ends = True
            flow.trailers = fields
            return False
        self._put_trailers(flow.number, fields)
        return True

    def _put_trailers(self, number: int, fields: Headers) -> None:
        block = self.encoder.encode_fields(fields)
        self.put(head_frames(number, block, self.settings.frame_size, ended=True))

    def _fits(self, flow: Outflow, size: int) -> bool:
        if size > self.window or size > flow.window or size > self.settings.frame_size:
            return False
        return self.writable and not self._turns and self._size < WRITE_BUFFER

    def take_turn(self, flow: Outflow) -> None:
        """`flow` has something to send: when it may, it is its turn after the others that wait."""
        if flow.unsent_size and flow.window > 0 and not flow.queued:
            flow.queued = True
            self._turns.append(flow)
            if not self._scheduled:
                self._scheduled = True
                self._loop.call_soon(self.flush)

    def close(self) -> None:
        """Nobody is there any more."""
        self._closed = True

    def widen(self, size: int) -> bool:
        """The client takes `size` more bytes of all streams; False when that is more than there may be."""
        self.window += size
        return self.window <= MOST

    def forget(self, flow: Outflow) -> None:
        """Nothing more of `flow` is to be sent."""
        flow.unsent = None
        flow.unsent_size = 0

    def waits(self) -> bool:
        """Whether something waits for its turn."""
        return bool(self._turns)

    def _pump(self) -> None:
        turns = self._turns
        while turns and self.window > 0 and self._size < WRITE_BUFFER:
            flow = turns.popleft()
            flow.queued = False
            if flow.unsent_size:
                self._send_some(flow)

    def _send_some(self, flow: Outflow) -> None:
        """One frame."""
        most = min(self.settings.frame_size, self.window, flow.window)
        unsent = flow.unsent
        if most <= 0 or unsent is None:
            return
        data = unsent[0]
        start = flow.offset
        if len(data) - start > most:
            flow.offset = start + most
            data = data[start : start + most]
        else:
            unsent.popleft()
            flow.offset = 0
            if start:
                data = data[start:]
        flow.unsent_size -= len(data)
        last = flow.unsent_size == 0
        self._write(flow, data, ended=last and flow.ends and flow.trailers is None)
        self._moved(flow, len(data))
        if not last:
            self.take_turn(flow)
        elif flow.trailers is not None:
            self._put_trailers(flow.number, flow.trailers)
        self._owner.some_sent(flow.number, ended=last and flow.ends)

    def _write(self, flow: Outflow, data: bytes, *, ended: bool) -> None:
        size = len(data)
        if size:
            self.window -= size
            flow.window -= size
            self._size += size
            self._patience.useful_frame()
        self.put(frame_head(size, DATA, END_STREAM if ended else 0, flow.number))
        if size:
            self._pieces.append(data)

    def _moved(self, flow: Outflow, size: int) -> None:
        flow.moved += size
        if flow.moved >= TRICKLE:
            flow.moved = 0
            flow.moved_at = self._loop.time()
