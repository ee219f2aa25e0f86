"""Framing and echo: sections 1 (lengths), 2 (ping and pong) and 10 (fragments of a large message) of Autobahn."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.websocket_frames import PONG, TEXT, Frame, fragments, ping, text
from tests.conformance.websocket_script import Table, breach, echo

CASES: Final = Cases()
table = Table(CASES)

LENGTHS: Final = ((0, 0), (125, 0), (126, 0), (127, 0), (128, 0), (65535, 0), (65536, 0), (65536, 997))

for section, opcode, kind, fill in ((1, 1, "text", b"*"), (2, 2, "binary", b"\xfe")):
    for number, (length, chop) in enumerate(LENGTHS, 1):
        table.both(
            f"1.{section}.{number}",
            f"{kind} of {length} bytes" + (f", in writes of {chop}" if chop else ""),
            echo(Frame(opcode, fill * length), chop=chop),
        )

UNASKED: Final = Frame(PONG, b"unsolicited pong payload")
PINGS: Final = [b"payload-%d" % number for number in range(10)]


for number, what, script in (
    (1, "ping without payload", echo(ping(), pongs=[b""])),
    (2, "ping with text", echo(ping(b"Hello, world!"), pongs=[b"Hello, world!"])),
    (
        3,
        "ping with bytes",
        echo(ping(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"), pongs=[b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"]),
    ),
    (4, "ping of 125 bytes", echo(ping(b"\xfe" * 125), pongs=[b"\xfe" * 125])),
    (5, "ping of 126 bytes", breach(ping(b"\xfe" * 126))),
    (6, "ping of 125 bytes, byte by byte", echo(ping(b"\xfe" * 125), pongs=[b"\xfe" * 125], chop=1)),
    (7, "pong that was not asked for, without payload", echo(Frame(PONG))),
    (8, "pong that was not asked for", echo(UNASKED)),
    (9, "pong that was not asked for, then ping", echo(UNASKED, ping(b"ping payload"), pongs=[b"ping payload"])),
    (10, "ten pings", echo(*map(ping, PINGS), pongs=PINGS)),
    (11, "ten pings, byte by byte", echo(*map(ping, PINGS), pongs=PINGS, chop=1)),
):
    table.both(f"2.{number}", what, script)

table.both(
    "10.1.1", "text of 65536 bytes in fragments of 1300", echo(*fragments(TEXT, text("*" * 65536).payload, 1300))
)
