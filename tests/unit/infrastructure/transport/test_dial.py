"""Dialling: every address in turn, each failure with its own words, both time limits."""

import asyncio
import socket

import pytest

from app.domain.errors import AddressRefused, ConnectFailed, ConnectTimeout, Retryable, TotalTimeout
from app.infrastructure.transport.dial import AddressProblem, Dialer, Origin, anywhere
from app.infrastructure.transport.dns_client import Answer
from app.infrastructure.transport.resolver import Resolver
from tests.backends import keep_answering, ok, raw_backend


def dialer(port: int, *addresses: str, problem: AddressProblem = anywhere) -> Dialer:
    """A dialer for a name with these addresses."""

    async def look_up(_: str) -> Answer:
        return Answer(addresses, 60)

    return Dialer(Origin("service.test", port, None, None), Resolver(lookup=look_up), problem)


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


def only_first(address: str, port: int) -> str:
    """Rules that let one loopback address pass."""
    return "" if address == "127.0.0.1" else f"{address} port {port} is denied"


async def test_a_67_an_address_that_a_name_resolves_to_is_judged_as_it_is_connected_to() -> None:
    subject = dialer(80, "169.254.169.254", "fe80::1", problem=only_first)
    with pytest.raises(AddressRefused) as caught:
        await dial(subject)
    assert caught.value.detail.startswith("service.test:80 is not connected to: ")
    assert "169.254.169.254 port 80 is denied" in caught.value.detail
    assert (caught.value.status, caught.value.retryable) == (502, Retryable.NEVER)


async def test_a_67_only_the_allowed_addresses_of_a_name_are_tried() -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        subject = dialer(backend.port, "127.0.0.2", "127.0.0.1", problem=only_first)
        for _ in range(3):
            await dial(subject)
        assert backend.connections == 3
    with pytest.raises(ConnectFailed, match=r"\(127\.0\.0\.1\): .*refused; 127\.0\.0\.2 port 1 is denied"):
        await dial(dialer(1, "127.0.0.2", "127.0.0.1", problem=only_first))


async def test_a_67_a_literal_address_is_judged_too() -> None:
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.9:80 is not connected to"):
        await dial(Dialer(Origin("127.0.0.9", 80, None, None), Resolver(), only_first))


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
