"""Streams: what one client writes on one connection, made from a seed and an index alone. No socket here."""

from itertools import accumulate, pairwise
from random import Random
from typing import Final

import msgspec

from tests.fuzz import byte_operators, message_operators
from tests.fuzz.message import Message, request
from tests.fuzz.seeds import FRAMING, HEADS, PLAIN, Seed
from tests.fuzz.tokens import Tokens

_SEEDS: Final[tuple[Seed, ...]] = (*PLAIN, *PLAIN, *FRAMING, *HEADS)
_SEED_WEIGHTS: Final = list(accumulate(seed.weight for seed in _SEEDS))
_MESSAGE_OPERATORS: Final = [operator for operator, _ in message_operators.OPERATORS]
_MESSAGE_WEIGHTS: Final = list(accumulate(weight for _, weight in message_operators.OPERATORS))
_BYTE_OPERATORS: Final = [operator for operator, _ in byte_operators.OPERATORS]
_BYTE_WEIGHTS: Final = list(accumulate(weight for _, weight in byte_operators.OPERATORS))
_PATIENT: Final = 64


class Stream(msgspec.Struct, frozen=True):
    """The bytes of one connection, in the parts in which they are written."""

    index: int
    parts: tuple[bytes, ...]
    patient: bool = False
    """Whether the client waits until the gateway ends the connection, however long it takes."""

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self.parts)

    @property
    def source(self) -> str:
        """A loopback address of its own: the gateway tells the backend of it, and no client can."""
        return source(self.index)


def source(index: int) -> str:
    """The loopback address that stream `index` is sent from."""
    return f"127.{1 + (index >> 16) % 250}.{index >> 8 & 255}.{index & 255}"


def make(seed: int, index: int) -> Stream:
    """Stream number `index` of `seed`."""
    rng = Random(f"{seed}:{index}")
    tokens = Tokens(index)
    messages = [_message(rng, tokens) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    data = b"".join(message.render() for message in messages)
    if rng.random() < 0.3:
        for _ in range(rng.choice((1, 1, 2, 3))):
            [operator] = rng.choices(_BYTE_OPERATORS, cum_weights=_BYTE_WEIGHTS)
            data = operator(rng, data)
    data += _tail(rng, tokens)
    return Stream(index, _split(rng, data), index % _PATIENT == 0)


def _message(rng: Random, tokens: Tokens) -> Message:
    [seed] = rng.choices(_SEEDS, cum_weights=_SEED_WEIGHTS)
    message = seed.fill(rng, tokens)
    if rng.random() < 0.55:
        for _ in range(rng.choice((1, 1, 2, 3))):
            [other] = rng.choices(_SEEDS, cum_weights=_SEED_WEIGHTS)
            [operator] = rng.choices(_MESSAGE_OPERATORS, cum_weights=_MESSAGE_WEIGHTS)
            operator(rng, message, other.fill(rng, tokens))
    return message


def _tail(rng: Random, tokens: Tokens) -> bytes:
    """What follows: as a rule a request that ends the connection, which is also the victim of what came before."""
    if rng.random() < 0.1:
        return b""
    return request(b"GET", b"/" + tokens.new(), b"X-Tail: " + tokens.new(), b"Connection: close").render()


def _split(rng: Random, data: bytes) -> tuple[bytes, ...]:
    """In one part, mostly; else in two to four, cut anywhere or at a line end."""
    if rng.random() < 0.7 or len(data) < 2:
        return (data,)
    cuts = {rng.randrange(1, len(data)) for _ in range(rng.randint(1, 3))}
    line = data.find(b"\r\n", rng.randrange(len(data)))
    if line > 0 and rng.random() < 0.5:
        cuts.add(line + rng.choice((0, 1, 2)))
    edges = [0, *sorted(cuts), len(data)]
    return tuple(data[start:end] for start, end in pairwise(edges) if start != end)
