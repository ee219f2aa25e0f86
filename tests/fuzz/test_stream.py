"""Streams: the same each time, each with an address of its own, and of every kind."""

from random import Random

import pytest

from tests.fuzz import byte_operators, message_operators
from tests.fuzz.campaign import index_of
from tests.fuzz.reading import GRANIAN, read
from tests.fuzz.seeds import FRAMING, HEADS, PLAIN, Seed
from tests.fuzz.stream import make, source
from tests.fuzz.tokens import Tokens, tokens_in


def test_seed_and_index_make_the_stream() -> None:
    assert [make(3, index) for index in range(300)] == [make(3, index) for index in range(300)]
    assert make(3, 1).data != make(4, 1).data


def test_streams_differ_in_how_they_are_written() -> None:
    streams = [make(1, index) for index in range(500)]
    assert len({stream.data for stream in streams}) == 500
    assert {min(len(stream.parts), 3) for stream in streams} == {1, 2, 3}
    assert 0 < sum(stream.patient for stream in streams) < 20


def test_an_address_tells_the_index() -> None:
    indices = [0, 1, 255, 256, 65535, 65536, 2_500_000, 16_000_000]
    assert [index_of(source(index)) for index in indices] == indices
    assert len({source(index) for index in range(100_000)}) == 100_000


@pytest.mark.parametrize("seed", PLAIN, ids=lambda seed: seed.line.decode())
def test_plain_seeds_are_read_as_one_whole_request(seed: Seed) -> None:
    data = seed.fill(Random(1), Tokens(1)).render()
    [meant] = read(data, GRANIAN).requests
    assert meant.complete
    assert len(meant.head + meant.body) <= len(data)


@pytest.mark.parametrize("seed", [*PLAIN, *FRAMING, *HEADS], ids=lambda seed: seed.line.decode("latin-1"))
def test_seeds_are_filled_in(seed: Seed) -> None:
    data = seed.fill(Random(1), Tokens(1)).render()
    assert not any(word in data for word in (b"<T>", b"<H>", b"<L>", b"<X>"))
    assert tokens_in(data) or b"<T>" not in seed.line


@pytest.mark.parametrize("operator", [one for one, _ in message_operators.OPERATORS], ids=lambda one: one.__name__)
def test_message_operators_change_messages(operator: message_operators.Operator) -> None:
    changed = 0
    for number in range(60):
        rng = Random(number)
        message = rng.choice(PLAIN).fill(rng, Tokens(1))
        before = message.render()
        operator(rng, message, rng.choice(FRAMING).fill(rng, Tokens(1)))
        changed += message.render() != before
    assert changed > 5


@pytest.mark.parametrize("operator", [one for one, _ in byte_operators.OPERATORS], ids=lambda one: one.__name__)
def test_byte_operators_change_bytes(operator: byte_operators.Operator) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    results = {operator(Random(number), data) for number in range(60)}
    assert len(results - {data}) > 3
    assert all(operator(Random(number), b"x") for number in range(60))
