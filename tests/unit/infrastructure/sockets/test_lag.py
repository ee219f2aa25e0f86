"""How late the loop is, is seen; and nothing is left behind."""

import asyncio
import time

from app.infrastructure.sockets.lag import EVERY, LagMonitor
from tests.backends import eventually


async def test_a_loop_that_is_kept_busy_is_seen_to_be_late() -> None:
    seen: list[float] = []
    monitor = LagMonitor(seen.append)
    monitor.stop()
    monitor.start()
    try:
        await eventually(lambda: len(seen) > 1)
        assert min(seen) < 0.1
        time.sleep(EVERY + 0.3)  # noqa: ASYNC251  # keeps the loop busy
        await asyncio.sleep(0)
        await eventually(lambda: max(seen) > 0.2)
    finally:
        monitor.stop()
    count = len(seen)
    await asyncio.sleep(EVERY * 2)
    assert len(seen) == count
