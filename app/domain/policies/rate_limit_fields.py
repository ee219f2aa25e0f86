"""Fields that tell clients of limits. Not for whether a request is allowed.

Sources: draft-ietf-httpapi-ratelimit-headers (`RateLimit-Policy`, `RateLimit`: lists of RFC 9651), and the
`X-RateLimit-…` fields that many services have, with seconds from now in the last.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil
from typing import Final, Literal

from app.domain.entities.decision import LimitState
from app.domain.entities.headers import Headers
from app.domain.entities.limit import Limit
from app.domain.entities.units import PERIODS

Style = Literal["draft", "legacy", "both", "none"]

LEGACY: Final = frozenset({b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset"})
_PERIOD_NAMES: Final = {seconds: name for name, seconds in PERIODS.items()}


def name_of(limit: Limit) -> str:
    """What clients know a limit by: its rate, `100/min`. Names of routes are none of their business."""
    return f"{limit.count}/{_PERIOD_NAMES.get(limit.window, f'{limit.window:g}s')}"


@lru_cache(4096)
def _policy(count: int, window: float) -> str:
    name = name_of(Limit("", count, window, 0))
    return f'"{name}";q={count};w={ceil(window)}'


@lru_cache(4096)
def _line(count: int, window: float) -> bytes:
    """Of RateLimit, without its numbers."""
    return f'"{name_of(Limit("", count, window, 0))}"'.encode() + b";r=%d;t=%d"


def policy_of(limits: Sequence[Limit]) -> bytes:
    """The value of RateLimit-Policy."""
    return ", ".join(dict.fromkeys(_policy(limit.count, limit.window) for limit in limits)).encode()


def strictest(states: Sequence[LimitState]) -> LimitState:
    """The one that refused; else the one of which least is left."""
    found = states[0]
    for state in states[1:]:
        mine, its = found.decision, state.decision
        if mine.allowed and (not its.allowed or its.remaining < mine.remaining):
            found = state
    return found


def fields_of(states: Sequence[LimitState], policy: bytes, style: Style) -> Headers:
    """What to tell of limits that were asked, at least one; the strictest speaks."""
    state = states[0] if len(states) == 1 else strictest(states)
    limit, decision = state.limit, state.decision
    fields: Headers = []
    if style != "legacy":
        line = _line(limit.count, limit.window) % (decision.remaining, ceil(decision.reset))
        fields = [(b"ratelimit-policy", policy), (b"ratelimit", line)]
    if style != "draft":
        fields += [
            (b"x-ratelimit-limit", b"%d" % limit.count),
            (b"x-ratelimit-remaining", b"%d" % decision.remaining),
            (b"x-ratelimit-reset", b"%d" % ceil(decision.reset)),
        ]
    return fields
