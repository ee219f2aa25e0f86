"""Which connections are too many: the newest, the idle, those of whoever has the most."""

from app.infrastructure.sockets.connection import Connection
from app.infrastructure.sockets.crowds import Crowds


def connections(address: str, count: int, start: int = 0) -> list[Connection]:
    return [
        Connection(start + number, start + number, (address, 1000 + start + number), address) for number in range(count)
    ]


def added(crowds: Crowds, *many: list[Connection]) -> None:
    for each in many:
        for one in each:
            crowds.add(one)


def test_a06_the_newest_of_an_address_are_too_many() -> None:
    crowds = Crowds(3, 0)
    mine, other = connections("a", 5), connections("b", 3, 100)
    added(crowds, mine, other)
    assert crowds.are_too_many()
    assert crowds.too_many_of_one(set()) == mine[3:]
    for one in mine[:2]:
        crowds.remove(one)
    assert not crowds.are_too_many()


def test_a06_those_in_use_are_spared_unless_they_are_too_many_themselves() -> None:
    crowds = Crowds(2, 0)
    mine = connections("a", 5)
    added(crowds, mine)
    assert crowds.too_many_of_one({mine[4].peer}) == mine[1:4]
    assert crowds.too_many_of_one({one.peer for one in mine[1:]}) == [mine[3], mine[4], mine[0]]


def test_exempt_connections_and_no_limit() -> None:
    exempt = [Connection(number, number, ("10.0.0.1", number), "") for number in range(9)]
    crowds = Crowds(2, 0)
    added(crowds, exempt)
    assert not crowds.are_too_many()
    unlimited = Crowds(0, 0)
    added(unlimited, connections("a", 9))
    assert not unlimited.are_too_many()
    assert unlimited.too_many(set(), set()) == []


def test_a06_in_total_whoever_has_the_most_loses_first() -> None:
    crowds = Crowds(0, 6)
    good, bad = connections("good", 1, 500), connections("bad", 7)
    exempt = [Connection(900, 900, ("10.0.0.1", 900), "")]
    added(crowds, bad, good, exempt)
    assert crowds.are_too_many()
    assert set(crowds.too_many(set(), set())) == {*bad[4:]}
    assert set(crowds.too_many({bad[6].peer}, set())) == {*bad[3:6]}
    assert set(crowds.too_many(set(), {bad[6]})) == {*bad[4:6]}
    assert crowds.too_many(set(), {*bad[:3]}) == []
