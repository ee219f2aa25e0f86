"""HTTP/2 frames that work the server for nothing: A-11 to A-13. Not for resets, nor for what a request hides."""

import struct
from collections.abc import Callable
from typing import Final

from tests.conformance.case import Cases, Limit
from tests.conformance.http2 import BROKEN, CALM, Strike, one, opened, refuse, wave
from tests.h2_frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PADDED,
    PING,
    PRIORITY,
    SETTINGS,
    FrameClient,
    block,
    frame,
    pseudo,
    reset,
    string,
    update,
)

CASES: Final = Cases()

UNCOUNTED: Final = Limit("no such frames are counted; each is answered, and none read while the client does not read")


async def continuations(client: FrameClient, frames: bytes) -> None:
    """A head, and what goes on with it and never ends."""
    await client.send(frame(HEADERS, 1, block(pseudo("/flood")), END_STREAM))
    for _ in range(200):
        await client.send(frames)
        if (await client.until(lambda seen: seen.ends, 0.001)).ends:
            return


refuse(
    CASES, "A-11", "continuation", "a CONTINUATION flood (CVE-2024-27316)",
    lambda client: continuations(client, frame(CONTINUATION, 1, block([("x-a", "b" * 100)])) * 50), BROKEN,
)  # fmt: skip
refuse(
    CASES, "A-11", "empty-continuation", "a flood of empty CONTINUATION frames",
    lambda client: continuations(client, frame(CONTINUATION, 1) * 500), CALM, BROKEN,
)  # fmt: skip


def headed(fields: bytes) -> Strike:
    """One request whose field block goes on with `fields`, in as many frames as it takes."""

    async def strike(client: FrameClient) -> None:
        data = block(pseudo("/flood")) + fields
        parts = [data[at : at + 16000] for at in range(0, len(data), 16000)]
        frames = [frame(CONTINUATION if number else HEADERS, 1, part) for number, part in enumerate(parts)]
        frames[-1] = frames[-1][:4] + bytes([frames[-1][4] | END_HEADERS]) + frames[-1][5:]
        frames[0] = frames[0][:4] + bytes([frames[0][4] | END_STREAM]) + frames[0][5:]
        await client.send(*frames)
        await client.until(lambda seen: seen.over(1))

    return strike


refuse(
    CASES, "A-12", "hpack-bomb", "16 MB of fields in 8 KB: one entry of the table, again and again (CVE-2016-6581)",
    headed(b"\x40" + string(b"x-a") + string(b"y" * 4000) + b"\xbe" * 4000), CALM,
    builtin="gateway 431",
)  # fmt: skip
refuse(
    CASES, "A-12", "table-size", "a dynamic table larger than was allowed",
    one(frame(HEADERS, 1, b"\x3f\xe1\xff\x7f" + block(pseudo("/flood")), END_HEADERS | END_STREAM)), BROKEN,
)  # fmt: skip
refuse(
    CASES, "A-12", "large-head", "a head of 60 KB", headed(block([("x-a", "b" * 1000)] * 60)),
    BROKEN, "gateway 431",
)  # fmt: skip
refuse(
    CASES, "A-12", "huge-head", "a head of 200 KB", headed(block([("x-a", "b" * 1000)] * 200)), BROKEN, CALM,
)  # fmt: skip
refuse(
    CASES, "A-12", "many-fields", "110 fields", headed(block((f"x-a{number}", "") for number in range(110))),
    "gateway 431",
)  # fmt: skip


def again(frames: bytes) -> Callable[[int], bytes]:
    """The same for every stream."""
    return lambda stream: frames


FLOODS: Final[tuple[tuple[str, str, bytes, tuple[str, ...]], ...]] = (
    ("ping", "PING", frame(PING, 0, b"01234567"), (UNCOUNTED, CALM)),
    ("ping-ack", "acknowledged PINGs that nobody sent", frame(PING, 0, b"01234567", ACK), (UNCOUNTED, CALM)),
    ("settings", "SETTINGS", frame(SETTINGS, 0, struct.pack("!HL", 4, 65535)), (UNCOUNTED, CALM)),
    ("empty-settings", "empty SETTINGS", frame(SETTINGS), (UNCOUNTED, CALM)),
    ("priority", "PRIORITY", frame(PRIORITY, 3, struct.pack("!LB", 0, 1)), (UNCOUNTED, CALM)),
    ("window-update", "WINDOW_UPDATE of the connection", update(0, 1), (UNCOUNTED, CALM)),
    ("unknown", "frames of an unknown type", frame(0x77), (UNCOUNTED, CALM)),
    ("reset-again", "RST_STREAM of one stream", reset(1), (UNCOUNTED, CALM)),
    ("empty-data", "empty DATA", frame(DATA, 1), (CALM,)),
    ("padding-alone", "DATA of padding alone", frame(DATA, 1, b"\x10" + bytes(16), PADDED), (CALM,)),
)

for name, what, frames, outcomes in FLOODS:
    refuse(
        CASES, "A-13", name, f"a flood of {what}", wave(again(frames), waves=40, size=500, first=opened(1)), *outcomes,
        allowed=1,
    )  # fmt: skip
refuse(
    CASES, "A-13", "priority-tree", "PRIORITY of ten thousand streams",
    wave(lambda stream: frame(PRIORITY, stream, struct.pack("!LB", 0, 1)), waves=20, size=500), UNCOUNTED, CALM,
)  # fmt: skip
