"""`python -m tests.soak.aborts --count 100000 --server builtin`: clients that leave (G-19), then what is left."""

import argparse
import asyncio
import sys
from typing import Final

import uvloop
from rich.console import Console

from tests.soak.run import beside, conclude, scene, show_progress
from tests.soak.traffic import LEAVING
from tests.soak.verdict import RSS_LIMIT

VISITORS: Final = 30
"""Leaving is quick, and what was begun for those who left takes its time: many more would only prove that a worker
can be overloaded."""


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.aborts", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="clients that leave (default 100000)")
    parser.add_argument("--server", choices=("builtin", "granian", "hypercorn"), default="builtin")
    parser.add_argument("--visitors", type=int, default=VISITORS, help=f"clients side by side (default {VISITORS})")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


async def aborts(options: argparse.Namespace) -> bool:
    """Run it; whether everything is as before, and the next requests are answered."""
    console = Console()
    async with scene(options.server, LEAVING, options.seed) as seen:
        done = seen.traffic.done
        bar = show_progress(console, options.server, options.count, done.total)
        async with beside(seen.sampling(), bar):
            going = [seen.traffic.visitor(lambda: done.total() < options.count) for _ in range(options.visitors)]
            await asyncio.gather(*going)
        await seen.finish()
        title = f"{done.total():,} clients that left, under {options.server}"
    return conclude(console, seen, title, f"aborts-{options.server}", RSS_LIMIT)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(0 if runner.run(aborts(arguments())) else 1)
