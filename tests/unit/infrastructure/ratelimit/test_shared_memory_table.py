"""Cells that are found by a key."""

from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.ratelimit.shared_memory import SharedMemory
from app.infrastructure.ratelimit.shared_memory_table import WAYS, Table, keys_in, size_of


def table(keys: int, words: int = 1) -> Table:
    return Table(SharedMemory(None, size_of(keys, words)), keys, words)


def test_a_key_is_found_where_it_was_put() -> None:
    made = table(64, 3)
    places = {}
    for part in range(made.sets):
        for tag in range(1, WAYS + 1):
            place = places[part, tag] = made.claim(part, tag)
            made.cells[place + 2] = 1
    assert len({place + offset for place in places.values() for offset in range(3)}) == 64 * 3
    assert all(made.find(part, tag) == place for (part, tag), place in places.items())
    assert made.find(0, 99) == -1


def test_a_new_cell_is_empty_and_of_the_new_key_only() -> None:
    made = table(WAYS, 2)
    for tag in range(1, WAYS + 1):
        place = made.claim(0, tag)
        made.cells[place], made.cells[place + 1] = 7, 100 - tag
    place = made.claim(0, 50)
    assert made.find(0, WAYS) == -1
    assert made.find(0, 50) == place
    assert made.cells[place : place + 2].tolist() == [0, 0]


@given(st.lists(st.integers(2, 1000), min_size=1, max_size=200))
def test_a18_what_is_forgotten_last_is_never_pushed_out_by_what_is_forgotten_first(ages: list[int]) -> None:
    """All but one of the cells of a set are safe from any number of keys that are younger debts."""
    made = table(WAYS)
    for tag in range(1, WAYS):
        made.cells[made.claim(0, tag)] = 1000 + tag
    for number, age in enumerate(ages):
        made.cells[made.claim(0, 1000 + number)] = age
    assert all(made.find(0, tag) >= 0 for tag in range(1, WAYS))


def test_sizes() -> None:
    assert size_of(1, 1) == WAYS * 16
    assert size_of(1000, 1) == 1000 * 16
    assert keys_in(size_of(1000, 4), 4) == 1000
    assert table(1001).sets == 126
