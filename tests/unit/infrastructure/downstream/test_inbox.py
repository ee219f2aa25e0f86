"""What the application receives, and in which order."""

import asyncio

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream.inbox import FAILURE, Inbox
from app.infrastructure.downstream.site import READ_AHEAD, Limits, Message, Site
from tests.unit.infrastructure.downstream.client_line import says_ok


class Box(Inbox):
    def __init__(self) -> None:
        super().__init__(Site(says_ok, asyncio.get_running_loop(), Limits(), "http", ("127.0.0.1", 80)))
        self.told: list[int] = []

    def wanted(self) -> None:
        self.told.append(-1)

    def taken(self, size: int) -> None:
        self.told.append(size)


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


async def test_parts_wait_for_the_application_and_the_last_one_says_so() -> None:
    box = Box()
    box.feed(b"ab")
    box.feed(b"")
    box.feed(b"c")
    box.feed_end()
    assert box.waiting == 3
    assert [await box.receive(), await box.receive()] == [part(b"ab", more=True), part(b"c", more=False)]
    assert (box.waiting, box.told) == (0, [2, 1])


async def test_an_application_that_waits_gets_parts_as_they_come() -> None:
    box = Box()
    waiting = box.receive()
    box.feed(b"ab")
    assert (waiting.result(), box.told) == (part(b"ab", more=True), [-1, 2])
    waiting = box.receive()
    box.feed_end()
    assert waiting.result() == part(b"", more=False)


async def test_a_request_without_body_is_one_empty_part() -> None:
    box = Box()
    box.body_ended = True
    assert await box.receive() == part(b"", more=False)
    assert not box.receive().done()


async def test_a_part_does_not_go_to_a_reader_that_has_given_up() -> None:
    box = Box()
    box.receive().cancel()
    box.feed(b"ab")
    box.depart()
    assert await box.receive() == part(b"ab", more=True)


async def test_p37_a_client_that_leaves_after_its_request_has_sent_it_whole() -> None:
    box = Box()
    waiting = box.receive()
    box.feed(b"ab")
    box.feed_end()
    box.depart()
    assert waiting.result() == part(b"ab", more=True)
    assert [await box.receive(), await box.receive(), await box.receive()] == [part(b"", more=False), GONE, GONE]


async def test_a_departure_comes_after_what_was_sent_and_wakes_who_waits() -> None:
    box = Box()
    box.feed(b"ab")
    box.depart()
    assert [await box.receive(), await box.receive()] == [part(b"ab", more=True), GONE]
    box = Box()
    waiting = box.receive()
    box.depart()
    assert waiting.result() == GONE


async def test_a31_a_broken_body_tells_why() -> None:
    box = Box()
    waiting = box.receive()
    error = DownstreamError("no chunk")
    box.fail(error)
    assert waiting.result() == {"type": "http.disconnect", FAILURE: error}


async def test_after_the_answer_there_is_nothing_to_receive() -> None:
    box = Box()
    box.body_ended = box.complete = True
    assert await box.receive() == GONE


@pytest.mark.parametrize(("size", "full"), [(READ_AHEAD - 1, False), (READ_AHEAD, True)])
async def test_so_much_may_wait(size: int, full: bool) -> None:
    box = Box()
    box.feed(b"x" * size)
    assert box.full() is full
