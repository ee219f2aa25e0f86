"""Changes that go on without their callers."""

import asyncio

import pytest

from app.interfaces.grpc.writes import Writes


async def test_results_and_errors_are_the_callers() -> None:
    async def change(number: int) -> int:
        return 1 // number

    writes = Writes()
    assert await writes.run(change(1)) == 1
    with pytest.raises(ZeroDivisionError):
        await writes.run(change(0))
    await writes.finish()


@pytest.mark.parametrize("error", [None, OSError("disk full")])
async def test_a_change_is_finished_without_its_caller(error: Exception | None) -> None:
    started, go_on, done = asyncio.Event(), asyncio.Event(), False

    async def change() -> None:
        nonlocal done
        started.set()
        await go_on.wait()
        done = True
        if error is not None:
            raise error

    writes = Writes()
    caller = asyncio.ensure_future(writes.run(change()))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await writes.finish()
    assert done
