"""HTTP/2 streams that are reset, by the client or because of it: A-09, A-10. Not for other floods."""

import asyncio
import struct
from collections.abc import Callable
from functools import partial
from typing import Final

from tests.backends import Wire
from tests.conformance.case import Cases, Limit
from tests.conformance.http2 import BROKEN, CALM, attack, opened, refuse, verdict, wave
from tests.conformance.stand import Stand
from tests.h2_frames import (
    DATA,
    END_STREAM,
    PADDED,
    PRIORITY,
    RST_STREAM,
    WINDOW_UPDATE,
    FrameClient,
    Seen,
    frame,
    head,
    pseudo,
    reset,
    update,
)

CASES: Final = Cases()

FEW: Final = 250
"""Requests of a flood that may reach the backend before it is one."""

refuse(
    CASES, "A-09", "rapid-reset", "Rapid Reset: streams that are reset as soon as they are open (CVE-2023-44487)",
    wave(lambda stream: head(stream, pseudo("/flood")) + reset(stream)), CALM, allowed=FEW,
)  # fmt: skip


@CASES.add("A-09", "paced", "the same, each after its request has reached the service",
           granian=Limit("counted are streams that are reset before the server took them up, no others"),
           hypercorn=CALM, builtin=CALM)  # fmt: skip
async def paced(stand: Stand) -> None:
    arrived = asyncio.Semaphore(0)

    async def hang(wire: Wire) -> None:
        await wire.request()
        arrived.release()
        await wire.reader.read()

    async def strike(client: FrameClient) -> None:
        for stream in range(1, 2 * FEW, 2):
            await client.send(head(stream, pseudo("/paced")))
            await asyncio.wait_for(arrived.acquire(), 5)
            await client.send(reset(stream))
            if (await client.until(lambda seen: seen.ends, 0.001)).ends:
                return

    stand.backend.answers["/paced"] = hang
    assert {verdict(seen) for seen in await attack(stand, strike)} == {CALM}


def all_over(streams: range, seen: Seen) -> bool:
    """Whether nothing more will come on any of them."""
    return all(map(seen.over, streams))


@CASES.add("A-09", "good-clients", "a client whose every stream is answered may have thousands")
async def good_clients(stand: Stand) -> None:
    async def strike(client: FrameClient) -> None:
        for first in range(1, 3000, 100):
            streams = range(first, first + 100, 2)
            await client.send(*(head(stream, pseudo("/good")) for stream in streams))
            await client.until(partial(all_over, streams))

    for seen in await attack(stand, strike):
        assert (len(seen.ended), seen.goaway) == (1500, None)


@CASES.add("A-09", "fickle-clients", "a client may give up all the streams that it may have open, and go on")
async def fickle_clients(stand: Stand) -> None:
    async def strike(client: FrameClient) -> None:
        streams = range(1, 200, 2)
        await client.send(*(head(stream, pseudo("/paced")) for stream in streams))
        await asyncio.sleep(0.3)
        await client.send(*(reset(stream) for stream in streams), head(201, pseudo("/good")))
        await client.until(lambda seen: seen.over(201))

    assert [seen.statuses for seen in await attack(stand, strike)] == [{201: 200}] * (1 + (stand.server != "granian"))


def opened_with(evil: Callable[[int], bytes], stream: int) -> bytes:
    """An upload, and what makes the server reset it."""
    return opened(stream) + evil(stream)


Evil = tuple[str, str, Callable[[int], bytes], tuple[str, ...]]
EVIL: Final[tuple[Evil, ...]] = (
    ("window-overflow", "a window beyond 2^31-1", lambda stream: update(stream, 2**31 - 1), (CALM,)),
    ("window-by-nothing", "WINDOW_UPDATE by 0", lambda stream: update(stream, 0), (BROKEN,)),
    ("window-length", "WINDOW_UPDATE of 3 bytes", lambda stream: frame(WINDOW_UPDATE, stream, b"abc"), (BROKEN,)),
    ("half-closed-data", "DATA after END_STREAM",
     lambda stream: frame(DATA, stream, b"", END_STREAM) + frame(DATA, stream, b"x"), (BROKEN, CALM)),
    ("half-closed-head", "HEADERS after END_STREAM",
     lambda stream: frame(DATA, stream, b"", END_STREAM) + head(stream, [("x-a", "1")]), (BROKEN, CALM)),
    ("priority-length", "PRIORITY of 3 bytes", lambda stream: frame(PRIORITY, stream, b"abc"), (BROKEN,)),
    ("priority-of-itself", "a stream that depends on itself",
     lambda stream: frame(PRIORITY, stream, struct.pack("!LB", stream, 1)), (CALM, BROKEN)),
    ("reset-length", "RST_STREAM of 3 bytes", lambda stream: frame(RST_STREAM, stream, b"abc"), (BROKEN,)),
    ("padding", "more padding than frame", lambda stream: frame(DATA, stream, b"\xff", PADDED), (BROKEN,)),
    ("unended-trailers", "trailers without END_STREAM",
     lambda stream: head(stream, [("x-a", "1")], ended=False), (CALM, BROKEN)),
)  # fmt: skip
MADE: Final = 1050
"""Resets that Granian lets itself be made to send: 1,024 (the h2 crate's `max_local_error_reset_streams`)."""

for name, what, evil, outcomes in EVIL:
    refuse(
        CASES, "A-10", name, f"MadeYouReset: {what} (CVE-2025-8671)", wave(partial(opened_with, evil)), *outcomes,
        allowed=MADE, builtin=BROKEN if name.startswith("half-closed") else outcomes[-1],
    )  # fmt: skip
