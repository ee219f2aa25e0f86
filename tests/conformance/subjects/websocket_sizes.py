"""Sizes and numbers: section 9 of Autobahn, with its fragments and writes but fewer of them; and order."""

from collections.abc import Sequence
from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand
from tests.conformance.websocket_ends import Message
from tests.conformance.websocket_frames import BINARY, TEXT, Frame, fragments
from tests.conformance.websocket_script import Table, closes_cleanly, echo, same
from tests.conformance.websocket_tunnel import settled, tunnel

CASES: Final = Cases()
table = Table(CASES)

KIBI: Final = 1024
MEBI: Final = KIBI * KIBI
PAYLOADS: Final = {TEXT: b"BAsd7&jh23", BINARY: b"\x00\xfe\x23\xfa\xf0"}
KINDS: Final = ((0, TEXT, "text"), (1, BINARY, "binary"))


def payload(opcode: int, length: int) -> bytes:
    """`length` bytes."""
    return (PAYLOADS[opcode] * (length // len(PAYLOADS[opcode]) + 1))[:length]


def size(length: int) -> str:
    """In words."""
    return (
        f"{length // MEBI} MiB" if length >= MEBI else f"{length // KIBI} KiB" if length >= KIBI else f"{length} bytes"
    )


for odd, opcode, kind in KINDS:
    for number, length in enumerate((64 * KIBI, 256 * KIBI, MEBI, 4 * MEBI, 8 * MEBI, 16 * MEBI), 1):
        table.client(
            f"9.{1 + odd}.{number}",
            f"{kind} of {size(length)}",
            echo(Frame(opcode, payload(opcode, length)), route="large"),
        )
    for number, piece in enumerate((64, 256, KIBI, 4 * KIBI, 16 * KIBI, 64 * KIBI, 256 * KIBI, MEBI, 4 * MEBI), 1):
        length = min(piece * 512, 4 * MEBI)
        table.client(
            f"9.{3 + odd}.{number}",
            f"{kind} of {size(length)} in fragments of {size(piece)}",
            echo(*fragments(opcode, payload(opcode, length), piece), route="large"),
        )
    for number, piece in enumerate((64, 128, 256, 512, KIBI, 2 * KIBI), 1):
        length = piece * 512
        table.client(
            f"9.{5 + odd}.{number}",
            f"{kind} of {size(length)} in writes of {size(piece)}",
            echo(Frame(opcode, payload(opcode, length)), chop=piece),
        )

table.service("9.1.6", f"text of {size(16 * MEBI)}", echo(Frame(TEXT, payload(TEXT, 16 * MEBI)), route="large"))
table.service(
    "9.4.1", "binary of 32 KiB in fragments of 64 bytes", echo(*fragments(BINARY, payload(BINARY, 32 * KIBI), 64))
)

ROUNDS: Final = 50


async def rounds(stand: Stand, ref: str, opcode: int, length: int) -> None:
    """One message after the other, each sent when the last one is back."""
    data = payload(opcode, length)
    message: Message = data.decode() if opcode == TEXT else data
    async with tunnel(stand, f"/all/WS-{ref}") as ends:
        for count in range(1, ROUNDS + 1):
            ends.client.write(Frame(opcode, data))
            await settled(lambda count=count: len(ends.client.messages) == count)  # type: ignore[misc]  # a default
        assert same(ends.client.messages, [message] * ROUNDS)
        await closes_cleanly(ends, by_client=True)


for odd, opcode, kind in KINDS:
    for number, length in enumerate((0, 16, 64, 256, KIBI, 4 * KIBI), 1):

        @CASES.add(f"WS-9.{7 + odd}.{number}", "client", f"{kind} of {size(length)}, {ROUNDS} times there and back")
        async def there_and_back(
            stand: Stand, ref: str = f"9.{7 + odd}.{number}", opcode: int = opcode, length: int = length
        ) -> None:
            await rounds(stand, ref, opcode, length)


def mixed(name: str) -> list[Frame]:
    """Many short messages of both kinds, each another one."""
    return [Frame(1 + number % 2, f"{name} {number} é".encode() * (number % 40)) for number in range(400)]


def whole(frames: Sequence[Frame]) -> list[Message]:
    """The messages that they are."""
    return [frame.payload.decode() if frame.opcode == TEXT else frame.payload for frame in frames]


@CASES.add("P-60", "order", "400 messages each way at the same time arrive whole, once and in order")
async def order(stand: Stand) -> None:
    up, down = mixed("up"), mixed("down")
    async with tunnel(stand, "/all/P-60/order") as ends:
        ends.service.echo = False
        for there, back in zip(up, down, strict=True):
            ends.client.write(there)
            ends.service.write(back)
        await settled(lambda: len(ends.service.messages) == len(up) and len(ends.client.messages) == len(down))
        assert same(ends.service.messages, whole(up))
        assert same(ends.client.messages, whole(down))
        await closes_cleanly(ends, by_client=False)
