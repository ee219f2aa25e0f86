"""What downloads and uploads share: bodies side by side, given up when nothing moves, and a command line."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import uvloop

from benchmarks.load.answers import BadAnswer
from benchmarks.load.outcome import Errors, Outcome

GIB: Final = 1 << 30
MIB: Final = 1 << 20
QUIET: Final = 30.0
"""Seconds without progress after which a transfer is given up."""

Load = Callable[[str, int, int], Awaitable[Outcome]]
"""URL, bytes of each body and how many of them: what came of it."""


async def awaited(done: "asyncio.Future[int]", progress: Callable[[], int]) -> int:
    """The bytes that `done` tells of. Raises TimeoutError when `progress` stands still for too long."""
    while True:
        before = progress()
        await asyncio.wait([done], timeout=QUIET)
        if done.done():
            return done.result()
        if progress() == before:
            raise TimeoutError(f"nothing moved for {QUIET:g} s at byte {before}")


async def counted(transfer: Awaitable[int], size: int, errors: Errors) -> int:
    """The bytes of one transfer that count: `size`, or none when it is not whole."""
    try:
        moved = await transfer
        if moved != size:
            raise BadAnswer(f"{moved} bytes of {size} arrived")
    except (OSError, BadAnswer, TimeoutError, ValueError, KeyError, TypeError) as error:
        errors.add(repr(error))
        return 0
    return moved


async def side_by_side(one: Callable[[], Awaitable[int]], size: int, connections: int) -> Outcome:
    """`connections` transfers of `size` bytes each."""
    errors = Errors()
    began = time.perf_counter()
    moved = await asyncio.gather(*[counted(one(), size, errors) for _ in range(connections)])
    seconds = time.perf_counter() - began
    whole = sum(1 for each in moved if each)
    return Outcome("MiB/s", round(sum(moved) / MIB / seconds, 2), whole, round(seconds, 6), errors.count)


def command_line(load: Load, name: str, description: str | None, leaf: str) -> None:
    """Run `load` as the arguments say, and print what came of it."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.load.{name}", description=description)
    parser.add_argument("--url", required=True, help=f"of the subject; {leaf} is added")
    parser.add_argument("--bytes", type=int, default=GIB, help="of each body (default 1 GiB)")
    parser.add_argument("--connections", type=int, default=1)
    given = parser.parse_args()

    async def run() -> Outcome:
        return await load(given.url, given.bytes, given.connections)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run()).print()
