"""A response body between a source that feeds it and one reader: waiting, backpressure, every way to end."""

import asyncio

import pytest

from app.domain.entities.headers import Headers
from app.domain.errors import TruncatedResponse
from app.infrastructure.transport.http1_body import HIGH_WATER, LARGE, Http1Body


class FakeSource:
    """Records what the body asks for, and feeds it as a connection does."""

    def __init__(self, *chunks: bytes) -> None:
        self.asked: list[str] = []
        self.chunks = list(chunks)
        self.trailers: Headers = []
        self.leases_given_back = 0
        self.body = Http1Body(self, self.chunks, self.trailers)
        self.body.on_close = self._give_back

    def _give_back(self) -> None:
        self.leases_given_back += 1

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def abandon(self) -> None:
        self.asked.append("abandon")

    def feed(self, *chunks: bytes) -> None:
        self.chunks += chunks
        self.body.fed()


async def test_what_is_here_already_is_read_in_one_piece_and_then_the_end() -> None:
    source = FakeSource(b"ab", b"c")
    source.body.end()
    assert [chunk async for chunk in source.body] == [b"abc"]
    assert (source.leases_given_back, source.asked) == (1, [])


async def test_a_single_chunk_is_passed_on_without_a_copy() -> None:
    chunk = b"x" * 1000
    source = FakeSource(chunk)
    assert await anext(source.body) is chunk


async def test_a_reader_waits_for_what_is_fed_and_for_the_end() -> None:
    source = FakeSource()
    reader = asyncio.ensure_future(anext(source.body))
    await asyncio.sleep(0)
    assert not reader.done()
    source.feed(b"abc")
    assert await reader == b"abc"
    last = asyncio.ensure_future(anext(source.body, b"end"))
    await asyncio.sleep(0)
    assert (last.done(), source.leases_given_back) == (False, 0)
    source.body.end()
    assert await last == b"end"
    assert source.leases_given_back == 1


async def test_a_wake_without_bytes_is_no_chunk() -> None:
    source = FakeSource()
    reader = asyncio.ensure_future(anext(source.body))
    await asyncio.sleep(0)
    source.feed()
    await asyncio.sleep(0)
    assert not reader.done()
    source.feed(b"abc")
    assert await reader == b"abc"


async def test_bytes_before_a_failure_are_delivered_then_the_error_each_time() -> None:
    source = FakeSource(b"ab")
    source.body.end(TruncatedResponse("cut"))
    assert await anext(source.body) == b"ab"
    for _ in range(2):
        with pytest.raises(TruncatedResponse, match="cut"):
            await anext(source.body)
    assert source.leases_given_back == 1


async def test_a_waiting_reader_is_told_of_a_failure() -> None:
    source = FakeSource()
    reader = asyncio.ensure_future(anext(source.body))
    await asyncio.sleep(0)
    source.body.end(TruncatedResponse("cut"))
    with pytest.raises(TruncatedResponse):
        await reader


async def test_the_source_is_paused_once_above_the_mark_and_resumed_by_the_reader() -> None:
    source = FakeSource()
    source.feed(b"x" * HIGH_WATER)
    assert source.asked == []
    source.feed(b"x")
    source.feed(b"x")
    assert source.asked == ["pause"]
    assert len(await anext(source.body)) == HIGH_WATER
    assert source.asked == ["pause"]
    assert await anext(source.body) == b"xx"
    assert source.asked == ["pause", "resume"]
    source.feed(b"x")
    assert await anext(source.body) == b"x"
    assert source.asked == ["pause", "resume"]


async def test_small_pieces_are_joined_and_large_ones_are_passed_on_as_they_are() -> None:
    large = b"x" * LARGE
    source = FakeSource(large, b"a", b"b", large)
    assert await anext(source.body) is large
    assert await anext(source.body) == b"ab" + large


async def test_too_much_at_the_very_start_pauses_too() -> None:
    assert FakeSource(b"x" * (HIGH_WATER + 1)).asked == ["pause"]


async def test_a_source_that_has_let_go_is_asked_for_nothing() -> None:
    source = FakeSource(b"x" * (HIGH_WATER + 1))
    source.body.end()
    assert len(await anext(source.body)) == HIGH_WATER + 1
    source.feed(b"x" * (HIGH_WATER + 1))
    await source.body.aclose()
    assert source.asked == ["pause"]


async def test_giving_up_abandons_the_source_and_gives_back_the_lease_once() -> None:
    source = FakeSource(b"abc")
    await source.body.aclose()
    await source.body.aclose()
    assert (source.asked, source.leases_given_back, source.chunks) == (["abandon"], 1, [])
    assert await anext(source.body, b"end") == b"end"


async def test_closing_after_the_end_abandons_nothing() -> None:
    source = FakeSource(b"abc")
    source.body.end()
    assert [chunk async for chunk in source.body] == [b"abc"]
    await source.body.aclose()
    assert (source.asked, source.leases_given_back) == ([], 1)


async def test_a_reader_that_was_cancelled_can_be_followed_by_another() -> None:
    source = FakeSource()
    reader = asyncio.ensure_future(anext(source.body))
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    source.feed(b"abc")
    assert await anext(source.body) == b"abc"


async def test_a_body_that_nobody_leased_may_end_too() -> None:
    source = FakeSource()
    source.body.on_close = None
    source.body.end()
    assert await anext(source.body, b"end") == b"end"


async def test_trailers_are_the_sources() -> None:
    source = FakeSource()
    source.trailers.append((b"x-sum", b"7"))
    source.body.end()
    assert source.body.trailers == [(b"x-sum", b"7")]
