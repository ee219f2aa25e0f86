"""An exchange's task: what asyncio's own tools see of it, how it is cancelled, and when it is over."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from app.infrastructure.downstream.runner import Runner


class Owner:
    def __init__(self) -> None:
        self.errors: list[Exception | None] = []
        self.over = asyncio.Event()

    def finished(self, error: Exception | None) -> None:
        self.errors.append(error)
        self.over.set()


class Run:
    """A coroutine that runs; `done` waits until it is over."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.owner = Owner()
        self.runner = Runner(asyncio.get_running_loop(), self.owner, work())
        # Runners begin where no task is: in callbacks of the loop.
        asyncio.get_running_loop().call_soon(self.runner.start)

    async def done(self) -> list[Exception | None]:
        async with asyncio.timeout(2):
            await self.owner.over.wait()
        return self.owner.errors


async def nothing() -> None:
    return


async def test_what_waits_for_nothing_is_done_at_once() -> None:
    owner = Owner()
    seen: list[bool] = []

    def begin() -> None:
        runner = Runner(asyncio.get_running_loop(), owner, nothing())
        runner.start()
        seen.append(runner.done())

    asyncio.get_running_loop().call_soon(begin)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == [True]
    assert owner.errors == [None]


async def test_it_is_the_current_task_while_it_runs_and_not_after() -> None:
    loop = asyncio.get_running_loop()
    seen: list[object] = []

    async def work() -> None:
        seen.append(asyncio.current_task(loop))
        await asyncio.sleep(0)
        seen.append(asyncio.current_task(loop))
        await asyncio.sleep(0.001)
        seen.append(asyncio.current_task(loop))

    run = Run(work)
    loop.call_soon(lambda: seen.append(asyncio.current_task(loop)))
    assert await run.done() == [None]
    assert [item is run.runner for item in seen] == [True, False, True, True]
    assert seen[1] is None
    assert run.runner.get_loop() is loop


async def test_results_and_errors_of_what_is_waited_for_arrive() -> None:
    async def broken() -> int:
        await asyncio.sleep(0)
        raise OSError("gone")

    got: list[object] = []

    async def work() -> None:
        got.append(await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2)))
        try:
            await asyncio.ensure_future(broken())
        except OSError as error:
            got.append(str(error))

    assert await Run(work).done() == [None]
    assert got == [[1, 2], "gone"]


async def test_an_error_is_handed_to_the_owner() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("wrong")

    (error,) = await Run(work).done()
    assert isinstance(error, ValueError)


async def test_cancelling_ends_a_wait() -> None:
    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    said: list[str] = []

    async def work() -> None:
        try:
            await waiting
        except asyncio.CancelledError:
            said.append("cancelled")
            raise

    run = Run(work)
    await asyncio.sleep(0.001)
    assert run.runner.cancel()
    assert run.runner.cancelling() == 1
    assert await run.done() == [None]
    assert waiting.cancelled()
    assert said == ["cancelled"]
    assert not run.runner.cancel()


async def test_who_is_cancelled_may_go_on() -> None:
    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            assert run.runner.uncancel() == 0
            assert run.runner.uncancel() == 0
        await asyncio.sleep(0)

    run = Run(work)
    await asyncio.sleep(0.001)
    run.runner.cancel()
    assert await run.done() == [None]


async def test_cancelling_before_the_start_or_from_within_counts_at_the_next_wait() -> None:
    reached: list[str] = []

    async def never() -> None:
        reached.append("never")

    early = Run(never)
    early.runner.cancel()
    assert await early.done() == [None]

    async def itself() -> None:
        run.runner.cancel()
        reached.append("here")
        await asyncio.sleep(60)
        reached.append("beyond")

    run = Run(itself)
    assert await run.done() == [None]
    assert reached == ["here"]


@pytest.mark.parametrize("late", [True, False])
async def test_timeouts_of_asyncio_hold(late: bool) -> None:
    said: list[str] = []

    async def work() -> None:
        try:
            async with asyncio.timeout(0.005 if late else 60):
                await asyncio.sleep(60 if late else 0.001)
            said.append("in time")
        except TimeoutError:
            said.append("late")
        assert run.runner.cancelling() == 0

    run = Run(work)
    assert await run.done() == [None]
    assert said == ["late" if late else "in time"]


async def test_groups_of_tasks_hold() -> None:
    async def broken() -> None:
        await asyncio.sleep(0)
        raise OSError("gone")

    said: list[str] = []

    async def work() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(broken())
                await asyncio.sleep(60)
        except* OSError as failures:
            said.append(str(failures.exceptions[0]))

    assert await Run(work).done() == [None]
    assert said == ["gone"]


async def test_what_ends_the_process_is_not_swallowed() -> None:
    loop = asyncio.get_running_loop()
    raised: list[BaseException] = []

    async def work() -> None:
        raise KeyboardInterrupt

    def begin() -> None:
        try:
            Runner(loop, Owner(), work()).start()
        except KeyboardInterrupt as error:
            raised.append(error)
        assert asyncio.current_task(loop) is None

    loop.call_soon(begin)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert raised
