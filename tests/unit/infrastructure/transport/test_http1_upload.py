"""Bytes of a request body on their way to a target: framing, backpressure, lengths that lie, and giving up."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from app.domain.entities.request import BodyStream
from app.domain.errors import BodyTimeout, DownstreamError, GatewayError
from app.infrastructure.transport.http1_upload import Upload
from tests.backends import eventually
from tests.transport_harness import Parts


class FakeTransport(asyncio.WriteTransport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        for data in list_of_data:
            self.write(data)


class Rig:
    """An upload into a transport that takes everything; `ended` counts the calls."""

    def __init__(self) -> None:
        self.transport = FakeTransport()
        self.ended: list[Upload] = []
        self.upload = Upload(self.transport, self.ended.append)

    async def run(self, body: BodyStream, length: int | None) -> bytes:
        self.upload.start(body, length)
        await eventually(lambda: bool(self.ended))
        assert self.ended == [self.upload]
        return self.transport.written


@pytest.mark.parametrize(
    ("length", "written"), [(3, b"abc"), (None, b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")], ids=["length", "chunked"]
)
async def test_parts_are_framed_as_the_length_says_and_empty_ones_are_left_out(
    length: int | None, written: bytes
) -> None:
    rig, body = Rig(), Parts(b"ab", b"", b"c")
    assert await rig.run(body, length) == written
    assert (rig.upload.done, rig.upload.error, body.closed) == (True, None, 1)


@pytest.mark.parametrize(("length", "written"), [(0, b""), (None, b"0\r\n\r\n")])
async def test_a_body_without_parts_is_complete(length: int | None, written: bytes) -> None:
    rig = Rig()
    assert await rig.run(Parts(), length) == written
    assert rig.upload.done


async def test_sizes_of_chunks_are_hexadecimal() -> None:
    assert await Rig().run(Parts(b"x" * 255), None) == b"ff\r\n" + b"x" * 255 + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("parts", "written"),
    [((b"ab", b"cd"), b"ab"), ((b"ab",), b"ab"), ((b"abcd",), b"")],
    ids=["more", "less", "at once"],
)
async def test_a_body_that_is_not_as_long_as_it_says_is_the_clients_mistake(
    parts: tuple[bytes, ...], written: bytes
) -> None:
    rig, body = Rig(), Parts(*parts)
    assert await rig.run(body, 3) == written
    assert (rig.upload.done, body.closed) == (False, 1)
    error = rig.upload.error
    assert isinstance(error, DownstreamError)
    assert (error.status, error.code, error.close) == (400, "bad_body", True)
    assert "content-length says 3" in error.detail


async def test_a_client_that_fails_is_the_reason_and_what_came_before_was_sent() -> None:
    rig, slow = Rig(), BodyTimeout("slow")
    assert await rig.run(Parts(b"ab", slow), None) == b"2\r\nab\r\n"
    assert (rig.upload.done, rig.upload.error) == (False, slow)


async def test_whatever_the_reading_raises_ends_the_exchange_that_waits_for_it() -> None:
    class Broken(Parts):
        async def __anext__(self) -> bytes:
            raise RuntimeError("receive is broken")

    rig = Rig()
    await rig.run(Broken(), 3)
    assert isinstance(rig.upload.error, GatewayError)
    assert (rig.upload.error.status, rig.upload.error.close) == (500, True)
    assert "RuntimeError: receive is broken" in rig.upload.error.detail


async def test_a_socket_that_takes_no_more_stops_the_reading_until_it_does() -> None:
    rig = Rig()
    rig.upload.block()
    rig.upload.start(Parts(b"ab", b"cd"), 4)
    await asyncio.sleep(0.01)
    assert (rig.transport.written, rig.ended) == (b"ab", [])
    rig.upload.unblock()
    await eventually(lambda: rig.upload.done)
    assert rig.transport.written == b"abcd"


async def test_unblocking_twice_or_before_anything_waits_does_no_harm() -> None:
    rig = Rig()
    rig.upload.unblock()
    rig.upload.block()
    rig.upload.start(Parts(b"ab", b"cd"), 4)
    await asyncio.sleep(0.01)
    rig.upload.unblock()
    rig.upload.unblock()
    await eventually(lambda: rig.upload.done)


async def test_cancelling_sends_no_more_closes_the_body_and_tells_nobody() -> None:
    rig, body = Rig(), Parts(b"ab", asyncio.Event(), b"cd")
    rig.upload.start(body, 4)
    await asyncio.sleep(0.01)
    rig.upload.cancel()
    await eventually(lambda: body.closed == 1)
    assert (rig.transport.written, rig.ended, rig.upload.done, rig.upload.error) == (b"ab", [], False, None)


async def test_cancelling_before_the_start_or_after_the_end_changes_nothing() -> None:
    rig = Rig()
    rig.upload.cancel()
    await rig.run(Parts(b"ab"), 2)
    rig.upload.cancel()
    await asyncio.sleep(0)
    assert (rig.upload.done, rig.transport.written) == (True, b"ab")


async def test_the_body_is_closed_before_the_end_is_told() -> None:
    order: list[str] = []

    class Closing(Parts):
        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def aclose(self) -> None:
            order.append("closed")

    def ended(_: Upload) -> None:
        order.append("ended")

    upload = Upload(FakeTransport(), ended)
    failure: GatewayError = BodyTimeout("slow")
    upload.start(Closing(failure), 4)
    await eventually(lambda: len(order) == 2)
    assert order == ["closed", "ended"]
