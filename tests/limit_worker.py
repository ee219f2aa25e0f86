"""A process that asks limits of a host as fast as it can: `python -m tests.limit_worker DIRECTORY SECONDS SEED`.

It prints a line for each event that was allowed: key, and the times (nanoseconds) before and after it was asked.
"""

import random
import sys
import time
from pathlib import Path

from app.domain.entities.decision import Decision
from app.domain.entities.limit import Limit
from app.infrastructure.ratelimit.shared_memory_counters import SharedCounters
from app.infrastructure.ratelimit.shared_memory_place import HostMemory, Place
from tests.fakes import RecordedEvents

LIMITS = (
    Limit("gcra", 200, 0.2, 40),
    Limit("few", 30, 0.2, 0, "sliding_window"),
    Limit("many", 500, 0.2, 0, "sliding_window"),
    Limit("quota", 3000, 86400.0, 0, "quota", "month"),
)
KEYS = 2
"""Of each limit."""
MOST = {"gcra": 240, "few": 30, "many": 500, "quota": 3000}
"""Events in any window."""


def main() -> None:
    directory, seconds, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    memory = HostMemory(Place(directory, "1-workers", directory / "quotas", 4096), RecordedEvents())
    store = SharedCounters(memory.table, time.monotonic_ns, time.time)
    counters = [store.counter(limit) for limit in LIMITS]
    choose = random.Random(seed)
    asked, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        which, key = choose.randrange(len(LIMITS)), choose.randrange(KEYS)
        before = time.monotonic_ns()
        decision = counters[which].take(bytes([key + 1]) * 16, 1)
        after = time.monotonic_ns()
        asked += 1
        assert isinstance(decision, Decision)
        if decision.allowed:
            sys.stdout.write(f"{LIMITS[which].name}/{key} {before} {after}\n")
    sys.stdout.write(f"asked {asked} 0\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
