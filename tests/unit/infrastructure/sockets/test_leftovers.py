"""What the kernel still sends for a server that has closed is seen, and ended when nobody takes it."""

import os

import pytest

from app.domain.policies.slow_reading import ReadingPace, Taking
from app.infrastructure.sockets import tcp
from app.infrastructure.sockets.connection import Connection
from app.infrastructure.sockets.leftovers import Leftovers
from tests.unit.infrastructure.sockets.pairs import Ends, Listening, fill, inode, listening, read_all

PACE = ReadingPace(idle=5.0)


def waiting(server: Listening, size: int = 256 * 1024) -> tuple[Ends, Connection]:
    client, accepted = server.accept(small=True)
    fill(accepted, size)
    connection = Connection(accepted.fileno(), inode(accepted), client.getsockname(), "a")
    connection.taking = Taking(0, size, 0.0)
    return (client, accepted), connection


def files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a04_an_answer_that_nobody_takes_is_reset_after_its_server_has_closed() -> None:
    left = Leftovers(PACE)
    with listening() as server:
        (client, accepted), connection = waiting(server)
        before = files()
        left.keep(connection, 9)
        left.keep(connection, 9)
        assert files() == before + 1
        assert left.judge(100.0) == []
        accepted.close()
        left.leave(connection)
        assert left.judge(1.0) == []
        assert left.judge(9.0) == [connection]
        assert files() == before - 1
        with pytest.raises(ConnectionResetError):
            read_all(client)
    assert left.own == set()


def test_an_answer_that_is_taken_is_let_go_and_ends_well() -> None:
    left = Leftovers(PACE)
    with listening() as server:
        (client, accepted), connection = waiting(server)
        left.keep(connection, 9)
        accepted.close()
        left.leave(connection)
        seen = 0
        while seen < 256 * 1024:
            seen += len(client.recv(65536))
        while left.own:
            assert left.judge(1.0) == []
        assert client.recv(10) == b""


def test_one_that_goes_on_or_was_never_kept_is_forgotten() -> None:
    left = Leftovers(PACE)
    with listening() as server:
        _, connection = waiting(server)
        left.forget(connection)
        left.leave(connection)
        left.keep(connection, 9)
        left.forget(connection)
        assert left.own == set()
        left.keep(connection, 9)
        left.close()
        assert left.own == set()


def test_so_many_are_kept_and_one_that_is_broken_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Leftovers(PACE)
    with listening() as server:
        (_, accepted), connection = waiting(server)
        (_, _), other = waiting(server)
        left.keep(connection, 9)
        left.keep(other, 1)
        assert len(left.own) == 1
        accepted.close()
        left.leave(connection)

        def broken(_: int) -> int:
            raise OSError(9, "gone")

        monkeypatch.setattr(tcp, "queued", broken)
        assert left.judge(1.0) == []
        assert left.own == set()
