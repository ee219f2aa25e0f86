"""What the kernel tells of a connection, and how it is ended although others own the descriptor."""

import os
import socket
import time

import pytest

from app.infrastructure.sockets import tcp
from tests.unit.infrastructure.sockets.pairs import fill, inode, listening, read_all


def test_facts_are_those_of_the_connection() -> None:
    with listening() as server:
        client, accepted = server.accept(small=True)
        time.sleep(0.05)
        quiet = tcp.facts(accepted.fileno(), inode(accepted)).quiet
        assert 0.02 < quiet < 5
        fill(accepted)
        waiting = tcp.queued(accepted.fileno())
        assert 200_000 < waiting <= 256 * 1024
        before = tcp.facts(accepted.fileno(), inode(accepted)).taken
        client.recv(65536)
        client.recv(65536)
        deadline = time.monotonic() + 5
        while tcp.facts(accepted.fileno(), inode(accepted)).taken == before and time.monotonic() < deadline:
            client.recv(65536)
        assert tcp.facts(accepted.fileno(), inode(accepted)).taken > before
        assert tcp.facts(accepted.fileno(), inode(accepted)).quiet < 5


def test_closing_lets_the_client_read_and_a_reset_does_not() -> None:
    with listening() as server:
        client, accepted = server.accept()
        accepted.send(b"bye")
        assert tcp.close(accepted.fileno(), inode(accepted), reset=False)
        assert client.recv(10) == b"bye"
        assert client.recv(10) == b""
        assert accepted.recv(10) == b""
        client, accepted = server.accept(small=True)
        fill(accepted)
        assert tcp.close(accepted.fileno(), inode(accepted), reset=True)
        accepted.close()
        with pytest.raises(ConnectionResetError):
            read_all(client)


def test_a_number_that_is_another_files_by_now_is_left_alone() -> None:
    with listening() as server:
        client, accepted = server.accept()
        number, before = accepted.fileno(), len(os.listdir("/proc/self/fd"))
        assert not tcp.close(number, inode(accepted) + 1, reset=True)
        with pytest.raises(OSError, match="another file"):
            tcp.facts(number, inode(accepted) + 1)
        assert len(os.listdir("/proc/self/fd")) == before
        accepted.send(b"still here")
        assert client.recv(20) == b"still here"
        accepted.close()
        assert not tcp.close(number, 1, reset=True)


def test_a_duplicate_is_the_same_socket() -> None:
    with listening() as server:
        client, accepted = server.accept()
        with tcp.duplicate(accepted.fileno(), inode(accepted)) as duplicate:
            assert isinstance(duplicate, socket.socket)
            duplicate.send(b"hello")
            assert client.recv(10) == b"hello"
