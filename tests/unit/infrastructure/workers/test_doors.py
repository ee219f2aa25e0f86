"""How many connections come in, by whose they are (A-06)."""

from app.infrastructure.workers.doors import FEW, Doors


def counted_as(address: str) -> str:
    return "" if address.startswith("10.") else address


class Told:
    """A pair of doors, and whom they refused."""

    def __init__(self, of_one: int, in_total: int) -> None:
        self.refused: list[tuple[str, bool]] = []
        self.doors = Doors()
        self.doors.limit(of_one, in_total, counted_as, lambda address, alone: self.refused.append((address, alone)))


def test_without_limits_everybody_comes_in() -> None:
    doors = Doors()
    assert [doors.enter("a") for _ in range(1000)] == ["a"] * 1000


def test_a06_one_address_has_so_many_at_a_time() -> None:
    told = Told(2, 0)
    assert [told.doors.enter("a") for _ in range(4)] == ["a", "a", None, None]
    assert told.doors.enter("b") == "b"
    told.doors.leave("a")
    assert [told.doors.enter("a") for _ in range(2)] == ["a", None]
    assert told.refused == [("a", True)] * 3


def test_who_is_not_counted_always_comes_in() -> None:
    told = Told(2, 3)
    assert [told.doors.enter("10.0.0.1") for _ in range(9)] == [""] * 9
    assert told.refused == []


def test_a06_in_total_who_has_few_still_comes_in() -> None:
    told = Told(20, 10)
    assert [told.doors.enter("a") for _ in range(11)] == ["a"] * 10 + [None]
    assert [told.doors.enter("b") for _ in range(FEW + 1)] == ["b"] * FEW + [None]
    assert told.refused == [("a", False), ("b", False)]
    for key in "a" * 10 + "b" * FEW:
        told.doors.leave(key)
    assert [told.doors.enter("a") for _ in range(11)] == ["a"] * 10 + [None]
