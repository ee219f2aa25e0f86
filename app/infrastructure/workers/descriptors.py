"""How many files this process may have open, and how many of them clients may take (F-27, A-06). Not for counting."""

import resource
from typing import Final, NamedTuple

RESERVE: Final = 256
"""Files that are never clients': the interpreter's, the server's, logs."""
_FOR_UPSTREAMS: Final = 8
"""One part in so many of all files is for connections to targets."""


class Allowance(NamedTuple):
    """What clients may take."""

    connections: int
    limit: int
    """Files that this process may have open."""


def allow(wanted: int) -> Allowance:
    """Raise the soft limit of open files as far as `wanted` client connections need it, and the hard limit lets.

    A part is kept back for connections to targets: clients that take all descriptors would cut the gateway off them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = RESERVE + wanted + wanted // (_FOR_UPSTREAMS - 1) + 1
    if _less(soft, needed):
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if not _less(soft, needed):
        return Allowance(wanted, soft)
    return Allowance(max(1, soft - max(soft // _FOR_UPSTREAMS, min(RESERVE, soft // 2))), soft)


def _less(limit: int, needed: int) -> bool:
    return limit != resource.RLIM_INFINITY and limit < needed
