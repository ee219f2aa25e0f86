"""Which keys there are, what limits them, and how much is asked of them. Not for asking."""

from hashlib import blake2b
from typing import Final, NamedTuple

from app.domain.entities.limit import Limit

QUIET: Final = 200
"""Slow clients below their limit, one key each."""
RANDOM: Final = 2000
"""Keys of many clients that come and go."""


class Group(NamedTuple):
    """Keys of one limit."""

    limit: Limit
    keys: int
    share: float
    """Of all decisions."""
    below: bool
    """Whether these keys stay below their limit: none of their events may be refused."""
    busy: bool
    """Whether there are hundreds of events a second of each key in each worker."""
    cost: int = 1


GROUPS: Final = (
    Group(Limit("over", 500, 1.0, 500), 2, 0.20, False, True),
    Group(Limit("near", 1500, 1.0, 1500), 1, 0.10, False, True),
    Group(Limit("costly", 1000, 1.0, 1000), 1, 0.10, False, True, cost=3),
    Group(Limit("below", 20_000, 1.0, 20_000), 1, 0.20, True, True),
    Group(Limit("sliding", 1200, 4.0, 0, "sliding_window"), 1, 0.10, False, True),
    Group(Limit("sliding-below", 20_000, 4.0, 0, "sliding_window"), 1, 0.10, True, True),
    Group(Limit("quota", 30_000, 86400.0, 0, "quota", "day"), 1, 0.08, False, True),
    Group(Limit("over-small", 20, 1.0, 10), 4, 0.06, False, False),
    Group(Limit("random", 5, 1.0, 5), RANDOM, 0.06, False, False),
)
PACED: Final = Limit("paced", 5, 1.0, 2)
"""Of slow clients: an event every PACE seconds, each by the next worker."""
PACE: Final = 0.5
HONEST: Final = Limit("honest", 10, 1.0, 5)
"""Of clients that wait for Retry-After, and are then allowed."""

HONEST_GROUP: Final = len(GROUPS)
PACED_GROUP: Final = len(GROUPS) + 1
BUSY: Final = frozenset(at for at, group in enumerate(GROUPS) if group.busy)
LIMITS: Final = (*(group.limit for group in GROUPS), HONEST, PACED)
"""Limit by the number of the group."""
BELOW: Final = frozenset(at for at, group in enumerate(GROUPS) if group.below) | {PACED_GROUP}


def key_of(group: int, number: int, seed: int) -> bytes:
    """16 bytes, as filters make them."""
    return blake2b(f"{seed}/{group}/{number}".encode(), digest_size=16).digest()
