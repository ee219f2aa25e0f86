"""Clients that leave, at random moments, with a reset or with a close. Not for what the gateway should answer them."""

import asyncio
from typing import Final

from benchmarks.load import frames
from tests.clients import Connection, connect
from tests.soak.backend import BLOCK
from tests.soak.site import Site

MOMENTS: Final = (0.0, 0.002, 0.02, 0.2)
"""Longest waits before leaving, in seconds: flights of a worker are first looked at after 0.1 s."""


async def in_the_head(site: Site) -> None:
    """Before the head is whole."""
    head = b"GET /good/x HTTP/1.1\r\nhost: t\r\nx-fill: " + b"y" * site.dice.randint(0, 3000) + b"\r\n\r\n"
    await _leave(site, head[: site.dice.randrange(len(head))])


async def in_the_upload(site: Site) -> None:
    """Before the body is whole."""
    sent = site.dice.choice((0, 500, 70_000))
    framing = site.dice.choice((b"content-length: 100000\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n186A0\r\n"))
    await _leave(site, b"POST /good/up HTTP/1.1\r\nhost: t\r\n" + framing + BLOCK * 2, sent + 80)


async def before_the_answer(site: Site) -> None:
    """While the service thinks."""
    await _leave(site, b"GET /good/hang HTTP/1.1\r\nhost: t\r\n\r\n")


async def after_the_upload(site: Site) -> None:
    """While the service thinks about a whole upload."""
    await _leave(site, b"POST /good/hang HTTP/1.1\r\nhost: t\r\ncontent-length: 3\r\n\r\nabc")


async def in_a_trickle(site: Site) -> None:
    """In the middle of an answer that comes slowly."""
    await _leave(site, b"GET /good/trickle HTTP/1.1\r\nhost: t\r\n\r\n")


async def in_a_download(site: Site) -> None:
    """In the middle of an answer that comes as fast as it can, of which nothing is read."""
    await _leave(site, b"GET /good/down/3000000 HTTP/1.1\r\nhost: t\r\n\r\n")


async def around_an_answer(site: Site) -> None:
    """About when a small answer comes."""
    await _leave(site, b"GET /good/x HTTP/1.1\r\nhost: t\r\n\r\n" * site.dice.randint(1, 3))


async def in_a_websocket(site: Site) -> None:
    """In the handshake, or between messages."""
    data = frames.handshake("t", "/good/echo", frames.new_key())
    await _leave(site, data, then=frames.encode(frames.TEXT, b"message", b"abcd") * 3)


async def _leave(site: Site, data: bytes, most: int = 1 << 30, then: bytes = b"") -> None:
    try:
        async with connect(site.port) as client:
            client.writer.write(data[:most])
            await asyncio.sleep(site.dice.random() * site.dice.choice(MOMENTS))
            client.writer.write(then)
            if then:
                await asyncio.sleep(site.dice.random() * site.dice.choice(MOMENTS))
            await _close(site, client)
    except (ConnectionError, RuntimeError):  # the latter is uvloop's, for a write after the end
        return  # The gateway may end what is hopeless before we do.


async def _close(site: Site, client: Connection) -> None:
    """Half of the clients close before they reset: the gateway sees an end of stream first."""
    if site.dice.random() < 0.5 and client.writer.can_write_eof():
        client.writer.write_eof()
        await asyncio.sleep(site.dice.random() * 0.01)
