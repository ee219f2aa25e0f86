"""Frames that are none: sections 3 (reserved bits), 4 (reserved opcodes) and 5 (fragmentation) of Autobahn."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand
from tests.conformance.websocket_frames import BINARY, CLOSE, PONG, Frame, more, ping, text
from tests.conformance.websocket_script import FRAME_BY_FRAME, Script, Table, breach, echo
from tests.conformance.websocket_tunnel import settled, tunnel

CASES: Final = Cases()
table = Table(CASES)

HELLO: Final = "Hello, world!"
BYTES: Final = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"


def after_hello(frame: Frame, chop: int = 0) -> Script:
    """A message that arrives, then `frame`, then a ping that gets no pong."""
    return breach(text(HELLO), frame, ping(), messages=[HELLO], chop=chop)


for number, what, script in (
    (1, "text with RSV 1", breach(text(HELLO, rsv=1))),
    (2, "text, then text with RSV 2, then ping", after_hello(text(HELLO, rsv=2))),
    (3, "text, then text with RSV 3, then ping, frame by frame", after_hello(text(HELLO, rsv=3), FRAME_BY_FRAME)),
    (4, "text, then text with RSV 4, then ping, byte by byte", after_hello(text(HELLO, rsv=4), 1)),
    (5, "binary with RSV 5", breach(Frame(BINARY, BYTES, rsv=5))),
    (6, "ping with RSV 6", breach(Frame(9, BYTES, rsv=6))),
    (7, "close with RSV 7", breach(Frame(CLOSE, rsv=7))),
):
    table.both(f"3.{number}", what, script)

for section, first in ((1, 3), (2, 11)):
    kind = "control " if section == 2 else ""
    for number, what, script in (
        (1, "", breach(Frame(first))),
        (2, " with payload", breach(Frame(first + 1, b"reserved opcode payload"))),
        (3, " after text, then ping", after_hello(Frame(first + 2))),
        (4, " with payload after text, then ping", after_hello(Frame(first + 3, HELLO.encode()))),
        (5, " with payload after text, then ping, byte by byte", after_hello(Frame(first + 4, HELLO.encode()), 1)),
    ):
        table.both(f"4.{section}.{number}", f"{kind}opcode {first + number - 1}{what}", script)

TWO: Final = (text("fragment1", fin=False), more("fragment2", fin=True))
PINGED: Final = (TWO[0], ping(b"ping payload"), TWO[1])
PIECES: Final = (
    text("fragment1", fin=False), more("fragment2"), ping(b"pongme 1!"), more("fragment3"), more("fragment4"),
    ping(b"pongme 2!"), more("fragment5", fin=True),
)  # fmt: skip
STRAY: Final = "non-continuation payload"

for number, what, script in (
    (1, "ping in two fragments", breach(Frame(9, b"fragment1", fin=False), more("fragment2", fin=True))),
    (2, "pong in two fragments", breach(Frame(PONG, b"fragment1", fin=False), more("fragment2", fin=True))),
    (3, "text in two fragments", echo(*TWO)),
    (4, "text in two fragments, frame by frame", echo(*TWO, chop=FRAME_BY_FRAME)),
    (5, "text in two fragments, byte by byte", echo(*TWO, chop=1)),
    (6, "text in two fragments with a ping between", echo(*PINGED, pongs=[b"ping payload"])),
    (7, "the same, frame by frame", echo(*PINGED, pongs=[b"ping payload"], chop=FRAME_BY_FRAME)),
    (8, "the same, byte by byte", echo(*PINGED, pongs=[b"ping payload"], chop=1)),
    (9, "last fragment without a first, then text", breach(more(STRAY, fin=True), text(HELLO))),
    (10, "the same, frame by frame", breach(more(STRAY, fin=True), text(HELLO), chop=FRAME_BY_FRAME)),
    (11, "the same, byte by byte", breach(more(STRAY, fin=True), text(HELLO), chop=1)),
    (12, "middle fragment without a first, then text", breach(more(STRAY), text(HELLO))),
    (13, "the same, frame by frame", breach(more(STRAY), text(HELLO), chop=FRAME_BY_FRAME)),
    (14, "the same, byte by byte", breach(more(STRAY), text(HELLO), chop=1)),
    (15, "text in two fragments, then a fragment without a first, then text",
     breach(*TWO, more("fragment3"), text("fragment4"), messages=["fragment1fragment2"])),
    (16, "middle fragment without a first, then text in two, twice",
     breach(more("fragment1"), *TWO, more("again"), *TWO)),
    (17, "last fragment without a first, then text in two, twice",
     breach(more("fragment1", fin=True), *TWO, more("again", fin=True), *TWO)),
    (18, "text in two fragments that both say text", breach(text("fragment1", fin=False), text("fragment2"))),
    (20, "text in five fragments with two pings between, frame by frame",
     echo(*PIECES, pongs=[b"pongme 1!", b"pongme 2!"], chop=FRAME_BY_FRAME)),
):  # fmt: skip
    table.both(f"5.{number}", what, script)

for by in ("client", "service"):

    @CASES.add("WS-5.19", by, "text in five fragments; each ping is answered before the next fragment"
               + (", from the service" if by == "service" else ""))  # fmt: skip
    async def pinged_between(stand: Stand, by: str = by) -> None:
        async with tunnel(stand, f"/all/WS-5.19/{by}") as ends:
            sender, other = (ends.client, ends.service) if by == "client" else (ends.service, ends.client)
            for start, pongs in ((0, [b"pongme 1!"]), (3, [b"pongme 1!", b"pongme 2!"])):
                sender.write(*PIECES[start : start + 3])
                await settled(lambda pongs=pongs: sender.pongs == pongs)  # type: ignore[misc]  # mypy: no default here
                assert sender.pongs == pongs
                assert other.messages == []
            sender.write(PIECES[6])
            await settled(lambda: other.messages)
            assert other.messages == ["fragment1fragment2fragment3fragment4fragment5"]
