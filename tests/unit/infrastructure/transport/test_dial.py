"""Dialling: every address in turn, each failure with its own words, both time limits."""

import asyncio
import socket

import pytest

from app.domain.errors import ConnectFailed, ConnectTimeout, TotalTimeout
from app.infrastructure.transport.dial import Dialer, Origin
from app.infrastructure.transport.dns_client import Answer
from app.infrastructure.transport.resolver import Resolver
from tests.backends import keep_answering, ok, raw_backend


def dialer(port: int, *addresses: str) -> Dialer:
    """A dialer for a name with these addresses."""

    async def look_up(_: str) -> Answer:
        return Answer(addresses, 60)

    return Dialer(Origin("service.test", port, None, None), Resolver(lookup=look_up))


async def dial(subject: Dialer, seconds: float = 2.0, deadline: float = 0.0) -> asyncio.Protocol:
    return await subject.dial(asyncio.Protocol, seconds, deadline)


async def test_addresses_are_taken_in_turn() -> None:
    subject = dialer(80, "10.0.0.1", "10.0.0.2", "10.0.0.3")
    firsts = [(await subject.addresses())[0] for _ in range(6)]
    assert sorted(firsts) == ["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.3"]
    assert set(await subject.addresses()) == {"10.0.0.1", "10.0.0.2", "10.0.0.3"}


async def test_an_address_that_refuses_is_followed_by_the_next() -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        subject = dialer(backend.port, "127.0.0.2", "127.0.0.1")
        for _ in range(2):
            await dial(subject)
        assert backend.connections == 2


async def test_a_refusal_names_the_target_and_every_address() -> None:
    with pytest.raises(ConnectFailed, match=r"service\.test:1 \(127\.0\.0\.\d\).*refused.*; .*refused"):
        await dial(dialer(1, "127.0.0.1", "127.0.0.2"))


async def test_silence_is_a_timeout_and_the_earlier_limit_names_it() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        subject = dialer(port, "127.0.0.1")
        with pytest.raises(ConnectTimeout, match=r"within 0\.2 s"):
            await dial(subject, 0.2)
        with pytest.raises(TotalTimeout):
            await dial(subject, 5, asyncio.get_running_loop().time() + 0.2)
        for filler in fillers:
            filler.close()


def test_origins_name_themselves() -> None:
    assert Origin("a.test", 80, None, None).address == "a.test:80"
    assert Origin("::1", 80, None, None).address == "[::1]:80"
