"""UTF-8 in text messages: section 6 of Autobahn, whose sequences are those of Markus Kuhn's decoder stress test."""

from collections.abc import Iterator
from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand
from tests.conformance.websocket_frames import TEXT, fragments, more, text
from tests.conformance.websocket_script import LIMIT_TEXT, NO_TEXT, Script, Table, breach, echo, failed
from tests.conformance.websocket_tunnel import settled, tunnel

CASES: Final = Cases()
table = Table(CASES)

KOSME: Final = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
UMLAUTS: Final = "Hello-µ@ßöäüàá-UTF-8!!".encode()
SURROGATE: Final = KOSME + b"\xed\xa0\x80" + b"edited"


def _lonely() -> Iterator[bytes]:
    for first, last in ((0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)):
        yield b"".join(bytes([byte, 0x20]) for byte in range(first, last))


def _noncharacters() -> Iterator[bytes]:
    yield from (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
    for plane in range(1, 17):
        yield from (chr(plane << 16 | low).encode() for low in (0xFFFE, 0xFFFF))


def _hex(*digits: str) -> list[bytes]:
    return [bytes.fromhex(one) for one in digits]


CUT: Final = _hex("c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf")
SEQUENCES: Final[dict[int, tuple[str, list[bytes]]]] = {
    5: ("valid", [*(f"hello{char}world".encode() for char in "$¢€\U00024b62"), KOSME]),
    6: ("a prefix", [KOSME[:length] for length in range(1, len(KOSME) + 1)]),
    7: ("first of its length", [b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]),
    8: ("first of 5 or 6 bytes", _hex("f888808080", "fc8480808080")),
    9: ("last of its length", [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]),
    10: ("last of 4 to 6 bytes", _hex("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf")),
    11: ("at a boundary", _hex("ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080")),
    12: ("continuation bytes alone",
         [b"\x80", b"\xbf", *((b"\x80\xbf" * 3)[:length] for length in range(2, 7)), bytes(range(0x80, 0xBF))]),
    13: ("start bytes alone", [*_lonely()]),
    14: ("without its last byte", CUT),
    15: ("cut sequences in a row", [b"".join(CUT)]),
    16: ("impossible bytes", [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
    17: ("a slash in too many bytes", _hex("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af")),
    18: ("the largest in too many bytes",
         _hex("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf")),
    19: ("NUL in too many bytes", _hex("c080", "e08080", "f0808080", "f880808080", "fc8080808080")),
    20: ("a surrogate", _hex("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf")),
    21: ("a pair of surrogates",
         [high + low for high in _hex("eda080", "edadbf", "edae80", "edafbf") for low in _hex("edb080", "edbfbf")]),
    22: ("a noncharacter, which is valid", [*_noncharacters()]),
    23: ("a special, which is valid", [chr(code).encode() for code in range(0xFFF9, 0x10000)]),
}  # fmt: skip


def script_of(payload: bytes) -> Script:
    """One text frame: echoed when it is UTF-8, else the end."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return breach(text(payload), closes=NO_TEXT)
    return echo(text(payload))


NOTHING: Final = text("", fin=False)

for ref, what, frames in (
    ("1.1", "empty text", [text("")]),
    ("1.2", "text of three empty fragments", [NOTHING, more(""), more("", fin=True)]),
    ("1.3", "text between two empty fragments", [NOTHING, more("middle frame payload"), more("", fin=True)]),
    ("2.1", "umlauts", [text(UMLAUTS)]),
    ("2.2", "umlauts in two fragments", [text("Hello-µ@ßöä", fin=False), more("üàá-UTF-8!!", fin=True)]),
    ("2.3", "umlauts in fragments of one byte", fragments(TEXT, UMLAUTS, 1)),
    ("2.4", "Greek in fragments of one byte", fragments(TEXT, KOSME, 1)),
):
    table.both(f"6.{ref}", what, echo(*frames))

for ref, what, frames in (
    ("3.1", "no UTF-8 within UTF-8", [text(SURROGATE)]),
    ("3.2", "the same in fragments of one byte", fragments(TEXT, SURROGATE, 1)),
):
    table.both(f"6.{ref}", what, breach(*frames, closes=NO_TEXT), granian=LIMIT_TEXT)

LATE: Final = "pass, at the end of the message"
PARTS: Final = (KOSME, b"\xf4\x90\x80\x80", b"edited")
WHOLE: Final = b"".join(PARTS)
CUTS: Final = (PARTS, (WHOLE[:12], WHOLE[12:13], WHOLE[13:]))


async def fails_in_parts(stand: Stand, number: int, by: str, early: bool) -> None:
    """Three parts, of which the second makes the text invalid: as fragments (1, 2), or as pieces of a frame (3, 4)."""
    parts = CUTS[(number - 1) % 2]
    async with tunnel(stand, f"/all/WS-6.4.{number}/{by}") as ends:
        sender, other = (ends.client, ends.service) if by == "client" else (ends.service, ends.client)
        whole = sender.encode(text(WHOLE))
        sender.within_frame = number > 2
        first, second = len(whole) - len(WHOLE) + len(parts[0]), len(whole) - len(parts[2])
        pieces = (whole[:first], whole[first:second], whole[second:])
        frames = (text(parts[0], fin=False), more(parts[1]), more(parts[2], fin=True))
        for part, frame, piece in zip(range(3), frames, pieces, strict=True):
            sender.writer.write(sender.encode(frame) if number < 3 else piece)
            await settled(lambda: sender.goodbye, 0.1 if part == 0 or (part == 1 and not early) else 5)
            assert (part == 0 and sender.goodbye is None) or part > 0
            assert part != 1 or not early or sender.goodbye is not None, "not failed at once"
            if sender.goodbye is not None:
                break
        await failed(sender, other, NO_TEXT)
        assert other.messages == []


for number in range(1, 5):
    how = "fragment" if number < 3 else "piece of the frame"
    what = f"text that is no UTF-8 from its second {how} on" + (", to the byte" if number % 2 == 0 else "")

    @CASES.add(f"WS-6.4.{number}", "client", what, granian=LIMIT_TEXT, builtin=LATE)
    async def in_parts(stand: Stand, number: int = number) -> None:
        await fails_in_parts(stand, number, "client", early=stand.server == "hypercorn")

    @CASES.add(f"WS-6.4.{number}", "service", what + ", from the service", granian=LATE, hypercorn=LATE, builtin=LATE)
    async def in_parts_of_the_service(stand: Stand, number: int = number) -> None:
        await fails_in_parts(stand, number, "service", early=False)


for section, (what, payloads) in SEQUENCES.items():
    scripts = [script_of(payload) for payload in payloads]
    for number, (payload, script) in enumerate(zip(payloads, scripts, strict=True), 1):
        digits = payload.hex() if len(payload) < 20 else payload[:18].hex() + "…"
        table.client(
            f"6.{section}.{number}", f"text `{digits}`: {what}", script, LIMIT_TEXT if script.closes else "pass"
        )
    table.services(f"6.{section}", f"text: {what}, {len(payloads)} times", scripts)
