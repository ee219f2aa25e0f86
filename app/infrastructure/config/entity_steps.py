"""Long work in short pieces, so that traffic is served in between. Not for what the work is."""

import asyncio
from collections.abc import Generator
from typing import TypeVar

R = TypeVar("R")

Steps = Generator[None, None, R]
"""Work that stops after every few milliseconds; what it leads to is its return value."""


def at_once(steps: Steps[R]) -> R:
    """All of the work without a pause: for commands, and for readings that are small."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: R = done.value
            return result


async def in_pieces(steps: Steps[R]) -> R:
    """All of the work; the event loop does what else there is after every piece."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: R = done.value
            return result
        await asyncio.sleep(0)
