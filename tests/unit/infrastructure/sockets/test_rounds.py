"""Every connection is met once, seen in each round, and missed when it is closed."""

import os

from app.infrastructure.sockets.connection import Connection, Recogniser
from app.infrastructure.sockets.rounds import PIECE, Rounds
from tests.unit.infrastructure.sockets.pairs import listening


class Seen:
    """Records what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def met(self, connection: Connection) -> None:
        self.told.append(("met", connection.peer[1]))

    def seen(self, connection: Connection) -> None:
        self.told.append(("seen", connection.peer[1]))

    def gone(self, connection: Connection) -> None:
        self.told.append(("gone", connection.peer[1]))

    def take(self) -> list[tuple[str, int]]:
        told, self.told = self.told, []
        return told


def test_a_connection_is_met_then_seen_then_gone() -> None:
    seen, own = Seen(), set[int]()
    rounds = Rounds(Recogniser(), lambda address: address, seen, own)
    with listening() as server:
        client, accepted = server.accept()
        port = client.getsockname()[1]
        for expected in ("met", "seen", "seen"):
            list(rounds.walk())
            assert seen.take() == [(expected, port)]
        assert len(rounds) == 1
        accepted.close()
        list(rounds.walk())
        assert seen.take() == [("gone", port)]
        assert len(rounds) == 0


def test_a_number_that_is_used_again_is_another_connection() -> None:
    seen = Seen()
    rounds = Rounds(Recogniser(), lambda address: address, seen, set())
    with listening() as server:
        client, accepted = server.accept()
        list(rounds.walk())
        number = accepted.fileno()
        other, another = server.accept()
        os.dup2(another.fileno(), number)
        another.close()
        seen.take()
        list(rounds.walk())
        assert seen.take() == [("gone", client.getsockname()[1]), ("met", other.getsockname()[1])]


def test_own_duplicates_are_no_connections() -> None:
    seen, own = Seen(), set[int]()
    rounds = Rounds(Recogniser(), lambda address: address, seen, own)
    with listening() as server:
        _, accepted = server.accept()
        duplicate = accepted.dup()
        own.add(duplicate.fileno())
        list(rounds.walk())
        duplicate.close()
        assert [what for what, _ in seen.take()] == ["met"]


def test_a_round_through_many_files_has_pieces() -> None:
    rounds = Rounds(Recogniser(), lambda address: address, Seen(), set())
    with listening() as server:
        for _ in range(PIECE):
            server.accept()
        assert len(list(rounds.walk())) >= 3
        assert len(rounds) == PIECE
