"""Puts together what counts limits in a Redis. Not for where that Redis is: the caller knows."""

from collections.abc import Callable, Sequence

from app.domain.ports import Clock, Events
from app.infrastructure.ratelimit.redis_counters import RedisCounters
from app.infrastructure.ratelimit.redis_link import RedisLink
from app.infrastructure.ratelimit.redis_opening import LinkOptions, Node
from app.infrastructure.ratelimit.redis_plan import GCRA_SCRIPT, SCRIPTS

PROBE_ARGUMENTS = (16, 0, 1, 1, 0, 0, 0, 0, 0)
"""An event of a limit of one in a microsecond."""


def redis_counters(
    name: str, locate: Callable[[], Sequence[Node]], timeout: float, prefix: str, clock: Clock, events: Events
) -> RedisCounters:
    """Counters whose keys begin with `prefix`. Nothing is opened before it runs.

    `locate` finds the servers: it may block, and raises OSError. `timeout` is how long an answer may take (seconds);
    `name` is the store's for people.
    """
    options = LinkOptions(name, locate, timeout, (GCRA_SCRIPT, f"{prefix}probe", PROBE_ARGUMENTS))
    return RedisCounters(RedisLink(options, SCRIPTS, clock, events), prefix, clock)
