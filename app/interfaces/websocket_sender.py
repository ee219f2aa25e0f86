"""Gives messages to the server of a WebSocket's client, one after the other. Not for receiving or closing."""

import asyncio
from collections.abc import Awaitable
from typing import Final

from app.domain.entities.websocket import WebSocketClosed
from app.domain.policies.websocket import LOST
from app.interfaces.asgi import Send

GONE: Final = (OSError, RuntimeError)
"""What servers raise when they are given something for a client that left (RuntimeError: Granian)."""


class Sender:
    """A server that works on its own once it was asked (Granian: a future) is waited for with the next message only."""

    __slots__ = ("_send", "_sending")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sending: asyncio.Future[None] | None = None
        """A message that the server is still taking."""

    def send(self, message: str | bytes) -> Awaitable[None] | None:
        """As the port's. Raises WebSocketClosed."""
        sending = self._sending
        if sending is not None:
            if not sending.done():
                return self._send_after(sending, message)
            self._sending = None
            try:
                sending.result()
            except GONE:
                raise WebSocketClosed(LOST) from None
        return self._start(message)

    async def settled(self) -> None:
        """Wait for the last message. Raises what the server raises."""
        if self._sending is not None:
            await self._sending

    def _start(self, message: str | bytes) -> Awaitable[None] | None:
        key = "text" if isinstance(message, str) else "bytes"
        try:
            sending = self._send({"type": "websocket.send", key: message})
        except GONE:
            raise WebSocketClosed(LOST) from None
        if asyncio.isfuture(sending):
            self._sending = sending
            return None
        return _taken(sending)

    async def _send_after(self, sending: "asyncio.Future[None]", message: str | bytes) -> None:
        self._sending = None  # cancelled with this wait, and then nothing that a close could wait for
        await _taken(sending)
        taken = self._start(message)
        if taken is not None:
            await taken


async def _taken(sending: Awaitable[None]) -> None:
    try:
        await sending
    except GONE:
        raise WebSocketClosed(LOST) from None
