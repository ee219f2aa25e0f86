"""`python -m tests.soak --minutes 10 --server builtin`: the leak soak (G-20). Exit code 1 when a bound is broken."""

import argparse
import asyncio
import sys

import uvloop
from rich.console import Console

from tests.soak.run import beside, conclude, scene, show_progress
from tests.soak.traffic import MIXED
from tests.soak.verdict import RSS_LIMIT


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long traffic lasts (default 10)")
    parser.add_argument("--server", choices=("builtin", "granian", "hypercorn"), default="builtin")
    parser.add_argument("--visitors", type=int, default=40, help="visitors side by side (default 40)")
    parser.add_argument("--warm-up", type=float, help="seconds that no line is fitted to (default: half)")
    parser.add_argument("--rss-limit", type=float, default=RSS_LIMIT, help="MiB an hour (default 1)")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


async def soak(options: argparse.Namespace) -> bool:
    """Run it; whether every bound holds."""
    console = Console()
    loop = asyncio.get_running_loop()
    seconds = options.minutes * 60
    async with scene(options.server, MIXED, options.seed) as seen:
        began = loop.time()
        seen.run.warm_up = seen.run.before.seconds + (options.warm_up or seconds / 2)
        bar = show_progress(console, options.server, seconds, lambda: loop.time() - began)
        async with beside(seen.sampling(), seen.reloading(), seen.resting(), bar):
            going = [seen.traffic.visitor(lambda: loop.time() < began + seconds) for _ in range(options.visitors)]
            await asyncio.gather(*going)
        await seen.finish()
        title = f"{options.minutes:g} minutes of mixed traffic under {options.server}"
    return conclude(console, seen, title, f"soak-{options.server}", options.rss_limit)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(0 if runner.run(soak(arguments())) else 1)
