"""Addresses of this machine, by the kernel's own word."""

import socket

import psutil
import pytest

from app.infrastructure.transport.local_address import is_local_address


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_loopback_is_local(address: str) -> None:
    assert is_local_address(address)


def test_addresses_of_interfaces_are_local() -> None:
    own = {one.address for several in psutil.net_if_addrs().values() for one in several if one.family == socket.AF_INET}
    assert own
    assert all(is_local_address(address) for address in own)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "no address", "255.255.255.255"])
def test_other_addresses_are_not(address: str) -> None:
    assert not is_local_address(address)
