"""A good client beside an attack: asks at a fixed pace, and says how it was served."""

import asyncio
import time

import msgspec

from tests.clients import connect

PACE = 0.01
"""Seconds between two requests."""


class Service(msgspec.Struct):
    """How a good client was served. Times are milliseconds."""

    requests: int
    errors: int
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.requests} requests, {self.errors} errors, p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms"


def summary(times: list[float], errors: int) -> Service:
    """`times` are seconds."""
    ordered = sorted(times) or [0.0]
    return Service(
        len(times) + errors, errors, ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    )


async def probe(port: int, seconds: float, source: str = "127.0.0.1", *, anew: bool = False) -> Service:
    """Ask for `seconds`, on one connection, or with `anew` on one for each request."""
    times: list[float] = []
    errors = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            async with connect(port, source=source) as connection:
                while time.monotonic() < end:
                    began = time.monotonic()
                    async with asyncio.timeout(10):
                        reply = await connection.exchange()
                    if reply.status != 200 or not reply.complete:
                        errors += 1
                        break
                    times.append(time.monotonic() - began)
                    await asyncio.sleep(PACE)
                    if anew:
                        break
        except (OSError, TimeoutError):
            errors += 1
    return summary(times, errors)
