"""Binding: addresses, ports, and what keeps a server from listening."""

import socket
import sys

import pytest

from app.infrastructure.workers.listener import listen, place_of, split_address
from app.infrastructure.workers.options import ServerOptions, StartError

OPTIONS = ServerOptions(write_idle=7.5)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        (":8000", ("", 8000)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses_are_split(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize("address", ["", "8000", "localhost", "::1:80", "a:65536", "a:-1", "a:", "a:b", "a:٣"])
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(StartError, match="expected host:port"):
        split_address(address)


def test_port_0_is_one_port_for_all_workers() -> None:
    sockets = listen("127.0.0.1:0", 3, OPTIONS)
    try:
        assert len(sockets) == 3
        places = {place_of(sock) for sock in sockets}
        assert len(places) == 1
        assert not places.pop().endswith(":0")
    finally:
        close(sockets)


def test_every_socket_takes_connections() -> None:
    sockets = listen("127.0.0.1:0", 2, OPTIONS)
    clients = []
    try:
        for _ in range(64):
            clients.append(socket.create_connection(sockets[0].getsockname(), timeout=5))  # noqa: PERF401  # closed below
        served = [_accepted(sock) for sock in sockets]
        assert sum(served) == 64
        assert all(served)
    finally:
        close(sockets)
        close(clients)


def _accepted(sock: socket.socket) -> int:
    count = 0
    while True:
        try:
            connection, _ = sock.accept()
        except BlockingIOError:
            return count
        connection.close()
        count += 1


@pytest.mark.skipif(sys.platform != "linux", reason="TCP_USER_TIMEOUT is a Linux option")
@pytest.mark.parametrize(("watched", "limit"), [(False, 7500), (True, 0)])
def test_connections_inherit_the_limit_for_a_stalled_reader_unless_others_watch(watched: bool, limit: int) -> None:
    sockets = listen("127.0.0.1:0", 1, ServerOptions(write_idle=7.5, watched=watched))
    client = socket.create_connection(sockets[0].getsockname(), timeout=5)
    connection, _ = sockets[0].accept()
    try:
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == limit
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    finally:
        close([connection, client, *sockets])


def test_a_port_in_use_is_named() -> None:
    sockets = listen("127.0.0.1:0", 2, OPTIONS)
    address = place_of(sockets[0])
    try:
        with pytest.raises(StartError, match=f"^cannot listen on {address}: the port is in use$"):
            listen(address, 2, OPTIONS)
    finally:
        close(sockets)


def test_a_port_can_be_used_again_at_once() -> None:
    first = listen("127.0.0.1:0", 1, OPTIONS)
    address = place_of(first[0])
    client = socket.create_connection(first[0].getsockname(), timeout=5)
    connection, _ = first[0].accept()
    connection.close()
    close([client, *first])
    second = listen(address, 1, OPTIONS)
    close(second)


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(StartError, match=r"cannot listen on a host\.invalid:80: the host is unknown"):
        listen("a host.invalid:80", 1, OPTIONS)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(StartError, match="this machine does not have that address"):
        listen("192.0.2.1:0", 1, OPTIONS)


def test_ipv6_places_have_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    try:
        sockets = listen("[::1]:0", 1, OPTIONS)
    except StartError as error:
        pytest.skip(str(error))
    assert place_of(sockets[0]).startswith("[::1]:")
    close(sockets)


def close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()
