import asyncio
import ssl
from collections.abc import Sequence

import pytest

from app.infrastructure.ratelimit.redis_opening import LinkOptions, Opener, Script, close, slot_of, wire_of
from app.infrastructure.ratelimit.redis_wire import Command, WireLost
from tests.scripted_redis import OK, scripted

SCRIPT = Script("return 7")
LOST: list[str] = []


class Server:
    tls: ssl.SSLContext | None = None
    host = "127.0.0.1"
    greeting: Sequence[Command] = (("HELLO", 3), ("SELECT", 2))

    def __init__(self, port: int, slots: tuple[int, int] = (0, 16383)) -> None:
        self.port = port
        self.slots = slots


def opener(*servers: Server) -> Opener:
    options = LinkOptions("redis://x", lambda: servers, 1.0, (SCRIPT, "probe", (1,)))
    return Opener(options, [SCRIPT], asyncio.get_running_loop().time, LOST.append)


@pytest.mark.parametrize(("key", "slot"), [(b"foo", 12182), (b"{user1000}.following", 3443), (b"foo{}{bar}", 8363)])
def test_slots_are_those_of_the_specification(key: bytes, slot: int) -> None:
    assert slot_of(key) == slot


async def test_a_server_is_greeted_and_tried() -> None:
    with scripted({}) as server:
        wires = await opener(Server(server.port)).open()
        assert wires[0][0] == 16383
        assert wire_of(wires, b"any") is wires[0][1]
        close(wires)
        await asyncio.sleep(0.01)  # the event loop closes it
    names = [command[0] for command in server.commands]
    assert names == ["HELLO", "SELECT", "SCRIPT", "EVALSHA"]
    assert not LOST


async def test_each_key_has_its_connection() -> None:
    with scripted({}) as low, scripted({}) as high:
        wires = await opener(Server(high.port, (9001, 16383)), Server(low.port, (0, 9000))).open()
        assert wire_of(wires, b"foo") is wires[1][1]
        assert wire_of(wires, b"{user1000}") is wires[0][1]
        close(wires)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("refused", ["HELLO", "SCRIPT", "EVALSHA"])
async def test_a_server_that_refuses_is_left(refused: str) -> None:
    with scripted(lambda command: b"-NOPERM no\r\n" if command[0] == refused else OK) as server:
        with pytest.raises(WireLost, match="NOPERM no"):
            await opener(Server(server.port)).open()
        await asyncio.sleep(0.01)


async def test_slots_that_nobody_has() -> None:
    with scripted({}) as server:
        with pytest.raises(WireLost, match="no node of the Cluster"):
            await opener(Server(server.port, (0, 100))).open()
        await asyncio.sleep(0.01)
    with pytest.raises(WireLost, match="no node of the Cluster"):
        await opener().open()


async def test_nobody_is_there() -> None:
    with pytest.raises(OSError, match="Connect"):
        await opener(Server(1)).open()
