"""Clients' connections are told from all other files."""

import os
import socket
from pathlib import Path

import pytest

from app.infrastructure.sockets.connection import Recogniser
from tests.unit.infrastructure.sockets.pairs import listening


def client_of(recogniser: Recogniser, sock: socket.socket) -> tuple[str, int] | None:
    return recogniser.client_of(sock.fileno(), os.fstat(sock.fileno()))


def test_what_was_accepted_at_a_known_port_is_a_clients() -> None:
    recogniser = Recogniser()
    with listening() as server, listening() as other:
        client, accepted = server.accept()
        assert client_of(recogniser, accepted) is None
        assert client_of(recogniser, server.sock) is None
        assert client_of(recogniser, accepted) == client.getsockname()
        assert client_of(recogniser, client) is None
        assert client_of(recogniser, other.accept()[1]) is None


def test_addresses_are_written_as_servers_write_them() -> None:
    recogniser = Recogniser()
    with listening("::") as server:
        assert client_of(recogniser, server.sock) is None
        client, accepted = server.accept()
        assert client_of(recogniser, accepted) == ("::ffff:127.0.0.1", client.getsockname()[1])


def test_other_files_are_nobodys(tmp_path: Path) -> None:
    recogniser = Recogniser()
    left, right = socket.socketpair()
    with left, right, socket.socket(type=socket.SOCK_DGRAM) as datagrams, (tmp_path / "file").open("w") as file:
        assert client_of(recogniser, left) is None
        assert client_of(recogniser, datagrams) is None
        assert recogniser.client_of(file.fileno(), os.fstat(file.fileno())) is None
    with listening() as server:
        client_of(recogniser, server.sock)
        client, accepted = server.accept()
        status = os.fstat(accepted.fileno())
        number = accepted.fileno()
        client.close()
        accepted.close()
        with pytest.raises(OSError, match=r"\[Errno 9\]"):
            recogniser.client_of(number, status)
