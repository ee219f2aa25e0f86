"""Writes a Response to the server. Not for what is in it.

A body that breaks off is never ended cleanly: the function raises after some bytes were sent, the controller
returns without the last message, and the server cuts the connection (P-24).

A client that may still be writing is let read the answer before the connection closes: `flight.linger` (P-35).
"""

import asyncio
from collections.abc import Awaitable

from app.domain.entities.headers import Headers
from app.domain.entities.response import Response, ResponseBody
from app.domain.policies.forwarding import trailers as trailer_fields
from app.interfaces.asgi import WHOLE, Message, Send
from app.interfaces.flights import Flight, Linger


def reply(send: Send, response: Response, flight: Flight, *, trailers: bool) -> Awaitable[None]:
    """Send head and body; a streamed body is closed. `trailers` says whether the server takes them.

    What is returned is to be awaited; then `flight.taken` says that a whole answer has gone.
    """
    body = response.body
    if not isinstance(body, bytes):
        return _reply_in_parts(send, response, body, flight, trailers=trailers)
    if flight.whole and not (trailers and response.trailers):
        taken = send({"type": WHOLE, "status": response.status, "headers": response.headers, "body": body})
        # Not before: an answer that the server refuses has not begun, and another one may.
        flight.head_sent = flight.sending = True
        flight.chunk = len(body)
        return taken
    return _reply_with(send, response, body, flight, trailers=trailers)


async def _reply_in_parts(
    send: Send, response: Response, body: ResponseBody, flight: Flight, *, trailers: bool
) -> None:
    try:
        await _stream_reply(send, response, body, flight, trailers=trailers)
    except BaseException:
        await body.aclose()
        raise
    await body.aclose()


async def _reply_with(send: Send, response: Response, body: bytes, flight: Flight, *, trailers: bool) -> None:
    fields = trailer_fields(response.trailers) if trailers and response.trailers else []
    start: Message = {"type": "http.response.start", "status": response.status, "headers": response.headers}
    if fields:
        start["trailers"] = True
    await send(start)
    flight.head_sent = True
    flight.chunk = len(body)
    flight.sending = True
    if flight.linger is None:
        await send({"type": "http.response.body", "body": body, "more_body": False})
    else:
        # The last byte is held back: servers close such a connection the moment an answer is complete.
        await send({"type": "http.response.body", "body": body[:-1], "more_body": True})
        await _linger(send, body[-1:], flight, flight.linger)
    flight.sent = len(body)
    if fields:
        await send({"type": "http.response.trailers", "headers": fields, "more_trailers": False})
    flight.sending = False
    flight.complete = True


async def _stream_reply(send: Send, response: Response, body: ResponseBody, flight: Flight, *, trailers: bool) -> None:
    start: Message = {"type": "http.response.start", "status": response.status, "headers": response.headers}
    if trailers:
        start["trailers"] = True
    await send(start)
    flight.head_sent = True
    if flight.linger is None:
        last = await _stream(send, body, flight, -1)
    else:
        last = await _stream(send, body, flight, _length(response.headers))
    fields = trailer_fields(body.trailers) if trailers else []
    if trailers:
        # Hypercorn looks at this when the body ends, and never ends a stream whose trailers are then empty.
        start["trailers"] = bool(fields)
    flight.chunk = len(last)
    if flight.linger is None:
        flight.sending = True
        await send({"type": "http.response.body", "body": last, "more_body": False})
    else:
        await _linger(send, last, flight, flight.linger)
    flight.sent += len(last)
    if fields:
        await send({"type": "http.response.trailers", "headers": fields, "more_trailers": False})
    flight.sending = False
    flight.complete = True


async def _linger(send: Send, last: bytes, flight: Flight, linger: Linger) -> None:
    """Let the client read what was sent, then send what ends the body. What the client still writes is taken meanwhile:
    Hypercorn puts its news that the exchange is over behind the parts that wait to be read, and `send` waits with it
    while there is no room."""
    flight.sending = False
    await linger()
    flight.sending = True
    taking = asyncio.ensure_future(linger())
    try:
        await send({"type": "http.response.body", "body": last, "more_body": False})
    finally:
        taking.cancel()


async def _stream(send: Send, body: ResponseBody, flight: Flight, length: int) -> bytes:
    """Send `body` as it comes. The last byte of one that has `length` bytes is not sent but returned."""
    held = b""
    async for chunk in body:
        piece = chunk
        if flight.sent + len(chunk) == length:
            piece, held = chunk[:-1], chunk[-1:]
        flight.chunk = len(piece)
        flight.sending = True
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        flight.sending = False
        flight.sent += len(piece)
        flight.sends += 1
    return held


def _length(headers: Headers) -> int:
    """What Content-Length says, -1 when nothing does."""
    return next((int(value) for name, value in headers if name == b"content-length"), -1)
