"""Work in pieces leads to the same, and lets others run in between."""

import asyncio

from app.infrastructure.config.entity_steps import Steps, at_once, in_pieces


def counted(log: list[str]) -> Steps[int]:
    for piece in ("a", "b"):
        log.append(piece)
        yield
    return 7


async def test_both_ways_give_the_result() -> None:
    log: list[str] = []
    assert at_once(counted(log)) == 7
    assert await in_pieces(counted(log)) == 7
    assert log == ["a", "b", "a", "b"]


async def test_others_run_between_pieces() -> None:
    log: list[str] = []

    async def other() -> None:
        log.append("other")

    async with asyncio.TaskGroup() as group:
        work = group.create_task(in_pieces(counted(log)))
        group.create_task(other())
    assert work.result() == 7
    assert log == ["a", "other", "b"]
