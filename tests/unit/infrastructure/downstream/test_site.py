"""Who is connected, and what is told about it."""

import asyncio

from app.infrastructure.downstream.site import Limits, Site
from tests.unit.infrastructure.downstream.client_line import says_ok


class Connected:
    def __init__(self) -> None:
        self.deadline = float("inf")

    def on_late(self) -> None:
        raise AssertionError

    def drain(self) -> None:
        raise AssertionError

    def cut(self) -> None:
        raise AssertionError


async def test_a_connection_is_looked_after_until_it_leaves_and_gives_its_key_back_once() -> None:
    site = Site(says_ok, asyncio.get_running_loop(), Limits(), "http", ("127.0.0.1", 80))
    keys: list[str] = []
    site.exit = keys.append
    first, second = Connected(), Connected()
    site.join(first, "key")
    site.join(second)
    assert (len(site.sweeper), list(site.connections)) == (2, [first, second])
    site.leave(second)
    site.leave(first)
    site.leave(first)
    assert (len(site.sweeper), list(site.connections), keys) == (0, [], ["key"])


async def test_a_successor_goes_on_with_the_key() -> None:
    site = Site(says_ok, asyncio.get_running_loop(), Limits(), "http", ("127.0.0.1", 80))
    keys: list[str] = []
    site.exit = keys.append
    first, second = Connected(), Connected()
    site.join(first, "")
    site.join(second)
    site.hand_over(first, second)
    assert (len(site.sweeper), site.connections) == (1, {second: ""})
    site.leave(second)
    assert keys == [""]


async def test_what_need_not_wait_is_done() -> None:
    assert Site(says_ok, asyncio.get_running_loop(), Limits(), "http", ("/s", None)).done.done()
