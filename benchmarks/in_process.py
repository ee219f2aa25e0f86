"""Times work of this process in CPU time, or profiles it with `--profile`. Not for what goes over sockets."""

import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

ROUNDS = 5


def command_line(work: Callable[[int], Coroutine[Any, Any, None]], count: int, what: str) -> None:
    """Do `work(count)` a few times; print what one of `what` costs in the best of them: others were disturbed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if "--profile" in sys.argv:
            profile = cProfile.Profile()
            profile.runcall(runner.run, work(count))
            pstats.Stats(profile).sort_stats("tottime").print_stats(40)
            return
        best = 1e9
        for _ in range(ROUNDS):
            started = time.process_time()
            runner.run(work(count))
            best = min(best, (time.process_time() - started) / count * 1e6)
        print(f"{what}: {best:.1f} us of CPU")
