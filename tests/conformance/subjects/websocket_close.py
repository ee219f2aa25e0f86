"""Closing: section 7 of Autobahn, and what a tunnel makes of an end without a close frame (F-38)."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand
from tests.conformance.websocket_ends import Goodbye
from tests.conformance.websocket_frames import CLOSE, Frame, close, more, ping, text
from tests.conformance.websocket_script import Table, breach, closes_cleanly, echo, ended, same
from tests.conformance.websocket_tunnel import Tunnel, settled, tunnel

CASES: Final = Cases()
add = CASES.add
table = Table(CASES)

table.both("7.1.1", "text, then close", echo(text("Hello World!")))

SENDERS: Final = ("client", "service")
SAID: Final = {"client": "", "service": ", from the service"}


async def closed_by(ends: Tunnel, by: str, *frames: Frame) -> None:
    """One end sends `frames` with a close of 1000 among them: both ends are closed with it, and nothing follows."""
    sender, other = (ends.client, ends.service) if by == "client" else (ends.service, ends.client)
    sender.write(*frames)
    await ended(ends)
    assert sender.goodbye == other.goodbye == Goodbye(1000)
    assert (sender.pongs, sender.illegal, other.illegal) == ([], "", "")


def after_close(ref: str, what: str, *frames: Frame, by: str = "client") -> None:
    """`frames` and nothing of them but the close counts."""

    @add(f"WS-{ref}", by, what + SAID[by])
    async def check(stand: Stand) -> None:
        async with tunnel(stand, f"/all/WS-{ref}/{by}") as ends:
            await closed_by(ends, by, *frames)
            assert ends.service.messages == ends.client.messages == []


for by in SENDERS:
    after_close("7.1.2", "two close frames", close(), Frame(CLOSE), by=by)
    after_close("7.1.3", "ping after close", close(), ping(), by=by)
    after_close("7.1.4", "text after close", close(), text("Hello World!"), by=by)
    after_close(
        "7.1.5", "close within a message", text("fragment1", fin=False), close(), more("fragment2", True), by=by
    )


@add("WS-7.1.6", "client", "256 KiB of text, text, close and ping at once: the service gets both texts")
async def close_after_much(stand: Stand) -> None:
    much = "BAsd7&jh23" * (256 * 1024 // 10)
    async with tunnel(stand, "/all/WS-7.1.6") as ends:
        await closed_by(ends, "client", text(much), text("Hello World!"), close(), ping())
        assert same(ends.service.messages, [much, "Hello World!"])


def clean(ref: str, what: str, goodbye: Goodbye, by: str) -> None:
    """Close with `goodbye`, which the other end is told."""

    @add(f"WS-{ref}", by, what + SAID[by])
    async def check(stand: Stand) -> None:
        async with tunnel(stand, f"/all/WS-{ref}/{by}") as ends:
            await closes_cleanly(ends, by == "client", goodbye)
            assert (ends.client.illegal, ends.service.illegal) == ("", "")


@add("WS-7.3.1", "client", "close without a code: the service is closed without one")
async def without_code(stand: Stand) -> None:
    async with tunnel(stand, "/all/WS-7.3.1/client") as ends:
        ends.client.write(close(None))
        await ended(ends)
        assert (ends.client.goodbye, ends.service.goodbye) == (Goodbye(None), Goodbye(None))


@add("WS-7.3.1", "service", "close without a code, from the service: the client is closed with 1000, or without one")
async def service_without_code(stand: Stand) -> None:
    async with tunnel(stand, "/all/WS-7.3.1/service") as ends:
        ends.service.write(close(None))
        await ended(ends)
        told = Goodbye(None if stand.server == "builtin" else 1000)
        assert (ends.client.goodbye, ends.service.goodbye) == (told, Goodbye(None))


CODES: Final = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)

for by in SENDERS:
    clean("7.3.3", "close with a code", Goodbye(1000), by)
    clean("7.3.4", "close with a reason", Goodbye(1000, "Hello World!"), by)
    clean("7.3.5", "close with a reason of 123 bytes", Goodbye(1000, "*" * 123), by)
    for number, code in enumerate(CODES, 1):
        clean(f"7.7.{number}", f"close with {code}", Goodbye(code), by)

table.both("7.3.2", "close of one byte", breach(Frame(CLOSE, b"a")))
table.both("7.3.6", "close with a reason of 124 bytes", breach(close(1000, b"*" * 124)))
KOSME: Final = bytes.fromhex("cebae1bdb9cf83cebcceb5eda080656469746564")
table.both("7.5.1", "close with a reason that is no UTF-8", breach(close(1000, KOSME), closes=(1002, 1007)))
for number, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
    table.both(f"7.9.{number}", f"close with {code}, which is no code", breach(close(code)))
for number, code in enumerate((5000, 65535), 1):
    table.both(f"7.13.{number}", f"close with {code}, which is no code", breach(close(code)))


HALF: Final = b"\x81\xfe"


def gone(name: str, what: str, last: bytes, reset: bool) -> None:
    """The client vanishes after `last`."""

    @add("F-38", f"client-{name}", f"a client that {what}: the service is closed, and nothing else reaches it",
         granian="pass, told as a close without a code", hypercorn="pass, 1001", builtin="pass, 1001")  # fmt: skip
    async def check(stand: Stand) -> None:
        async with tunnel(stand, f"/all/F-38/client/{name}") as ends:
            ends.client.writer.write(last)
            await ends.client.writer.drain()
            if reset:
                ends.client.writer.transport.abort()
            else:
                ends.client.writer.write_eof()
            await settled(lambda: ends.service.goodbye)
            assert ends.service.goodbye is not None
            assert ends.service.goodbye.code == (None if stand.server == "granian" else 1001)
            assert (ends.service.messages, ends.service.illegal) == ([], "")


gone("half-close", "ends its sending side without a close frame", b"", reset=False)
gone("reset", "resets the connection", b"", reset=True)
gone("within-a-frame", "ends within a frame", HALF, reset=False)
gone("reset-within-a-frame", "resets the connection within a frame", HALF, reset=True)


def service_gone(name: str, what: str, last: bytes, reset: bool) -> None:
    """The service vanishes after `last`."""

    @add("F-38", f"service-{name}", f"a service that {what}: the client is closed with 1011")
    async def check(stand: Stand) -> None:
        async with tunnel(stand, f"/all/F-38/service/{name}") as ends:
            ends.service.writer.write(last)
            await ends.service.writer.drain()
            if reset:
                ends.service.writer.transport.abort()
            else:
                ends.service.writer.write_eof()
            await settled(lambda: ends.client.goodbye and ends.client.ended)
            assert ends.client.goodbye is not None
            assert ends.client.goodbye.code == 1011
            assert (ends.client.ended, ends.client.messages, ends.client.illegal) == (True, [], "")


service_gone("half-close", "ends its sending side without a close frame", b"", reset=False)
service_gone("reset", "resets the connection", b"", reset=True)
service_gone("within-a-frame", "ends within a frame", b"\x81\x7e\x01", reset=False)
service_gone("within-a-message", "ends within a message", b"\x01\x02ab", reset=False)
