"""One connection against raw backends over real sockets: reuse, framing, failures, timeouts, early answers."""

import asyncio

import pytest

from app.domain.errors import (
    DownstreamError,
    IdleTimeout,
    MalformedResponse,
    ResponseTimeout,
    Retryable,
    TotalTimeout,
    TruncatedResponse,
    UpstreamReset,
)
from app.infrastructure.transport.http1_connection import Http1Connection, State
from app.infrastructure.wire.sweeper import Sweeper
from tests.backends import Wire, eventually, keep_answering, ok, raw_backend
from tests.transport_harness import Dialled, Parts, content, get, timeouts


async def test_one_connection_serves_request_after_request() -> None:
    async with raw_backend(keep_answering(ok(b"hello", b"x-a: 1"))) as backend:
        dialled = Dialled(backend.port)
        for _ in range(5):
            response = await dialled.send(get("/a?b=1"))
            assert (response.status, response.body) == (200, b"hello")
            assert response.headers == [(b"content-length", b"5"), (b"x-a", b"1")]
        assert (backend.connections, dialled.dials, len(dialled.sweeper)) == (1, 1, 0)
        assert backend.heads[0] == b"GET /a?b=1 HTTP/1.1\r\nhost: test\r\n\r\n"


async def test_framing_of_requests_is_ours() -> None:
    async with raw_backend(keep_answering(ok(b""))) as backend:
        dialled = Dialled(backend.port)
        await dialled.send(get(method="POST"))
        await dialled.send(get(method="POST", body=b"abc"))
        await dialled.send(get(method="POST", body=Parts(b"ab", b"", b"c"), length=3))
        await dialled.send(get(method="POST", body=Parts(b"ab", b"c"), length=None))
        framing = [[line for line in head.split(b"\r\n") if b"en" in line][-1:] for head in backend.heads]
        assert framing == [
            [b"content-length: 0"], [b"content-length: 3"], [b"content-length: 3"], [b"transfer-encoding: chunked"],
        ]  # fmt: skip
        assert backend.bodies == [b"", b"abc", b"abc", b"abc"]
        assert backend.connections == 1


async def test_a_streamed_body_frees_its_connection_at_its_end() -> None:
    async def answer(wire: Wire) -> None:
        while True:
            await wire.request()
            await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await asyncio.sleep(0.02)
            await wire.say(b"3\r\ndef\r\n0\r\nx-sum: 7\r\n\r\n")

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        for _ in range(3):
            response = await dialled.send(get())
            assert not isinstance(response.body, bytes)
            assert await content(response) == b"abcdef"
            assert response.body.trailers == [(b"x-sum", b"7")]
        assert backend.connections == 1
        assert repr(dialled.pool) == "<Pool 0 busy, 1 idle, 0 waiting>"


async def test_backpressure_stops_the_target() -> None:
    sent = 0

    async def answer(wire: Wire) -> None:
        nonlocal sent
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 40000000\r\n\r\n")
        for _ in range(400):
            await wire.say(b"x" * 100000)
            sent += 100000

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        response = await dialled.send(get())
        await asyncio.sleep(0.3)
        held = sent
        await asyncio.sleep(0.2)
        assert held == sent < 20_000_000
        assert len(await content(response)) == 40_000_000


async def test_closing_a_body_closes_its_connection() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        response = await dialled.send(get())
        assert not isinstance(response.body, bytes)
        closed = []
        response.body.on_close = lambda: closed.append(1)
        await response.body.aclose()
        await response.body.aclose()
        await eventually(lambda: backend.closed == 1)
        assert (closed, dialled.pool.size, len(dialled.sweeper)) == ([1], 0, 0)


@pytest.mark.parametrize(
    ("wire_bytes", "error"),
    [
        (b"", UpstreamReset),
        (b"HTTP/1.1 200 OK\r\ncontent-", UpstreamReset),
        (b"garbage\r\n\r\n", MalformedResponse),
        (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 40000, MalformedResponse),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 40, MalformedResponse),
    ],
)
async def test_failures_before_the_head_is_complete(wire_bytes: bytes, error: type[Exception]) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(wire_bytes)

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        with pytest.raises(error):
            await dialled.send(get())
        await eventually(lambda: dialled.pool.size == 0)
        assert len(dialled.sweeper) == 0


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("framing", [b"content-length: 100", b"transfer-encoding: chunked"])
async def test_a_body_that_breaks_off_is_an_error(framing: bytes, reset: bool) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n3\r\nabc\r\n" % framing)
        await asyncio.sleep(0.02)
        if reset:
            wire.reset()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        response = await dialled.send(get())
        with pytest.raises(TruncatedResponse):
            await content(response)
        await eventually(lambda: dialled.pool.size == 0)


async def test_a_head_and_a_cut_in_one_go_is_an_error_too() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        wire.writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        async with asyncio.timeout(5):
            response = await dialled.send(get())
            with pytest.raises(TruncatedResponse):
                await content(response)


async def test_the_end_of_the_connection_ends_an_unframed_body() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\n\r\nabc")
        await asyncio.sleep(0.02)
        await wire.say(b"def")

    async with raw_backend(answer) as backend:
        assert await content(await Dialled(backend.port).send(get())) == b"abcdef"


async def test_bytes_nobody_asked_for_end_the_connection() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"one") + ok(b"stolen"))
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        assert (await dialled.send(get())).body == b"one"
        await eventually(lambda: dialled.pool.size == 0)


async def test_each_timeout_has_its_own_error() -> None:
    async def answer(wire: Wire) -> None:
        head = await wire.head()
        if b"/body" in head:
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
        if b"/stuck" in head:
            await asyncio.sleep(60)
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        loop = asyncio.get_running_loop()
        with pytest.raises(ResponseTimeout):
            await dialled.send(get(), timeouts(response=0.1))
        with pytest.raises(TotalTimeout):
            await dialled.send(get(), timeouts(response=5), loop.time() + 0.1)
        response = await dialled.send(get("/body"), timeouts(idle=0.1))
        with pytest.raises(IdleTimeout):
            await content(response)
        response = await dialled.send(get("/body"), timeouts(), loop.time() + 0.1)
        with pytest.raises(TotalTimeout):
            await content(response)
        big = Parts(*[b"x" * 1_000_000] * 50)
        with pytest.raises(IdleTimeout):
            await dialled.send(get("/stuck", "POST", big, 50_000_000), timeouts(idle=0.2))
        await eventually(lambda: dialled.pool.size == 0)
        assert len(dialled.sweeper) == 0
        assert big.closed == 1


async def test_an_early_answer_stops_the_upload() -> None:
    never = asyncio.Event()

    async def answer(wire: Wire) -> None:
        await wire.head()
        await wire.say(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig")
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        body = Parts(b"abc", never)
        response = await dialled.send(get(method="POST", body=body, length=100))
        assert (response.status, response.body) == (413, b"big")
        await eventually(lambda: backend.closed == 1 and dialled.pool.size == 0 and body.closed == 1)


async def test_request_and_response_may_stream_at_the_same_time() -> None:
    more = asyncio.Event()

    async def answer(wire: Wire) -> None:
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n")
        await wire.say(await wire.reader.readexactly(3))
        await wire.say(await wire.reader.readexactly(3))
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        response = await dialled.send(get(method="POST", body=Parts(b"abc", more, b"def"), length=6))
        assert not isinstance(response.body, bytes)
        assert await anext(response.body) == b"abc"
        more.set()
        assert await content(response) == b"def"


@pytest.mark.parametrize("parts", [(b"ab",), (b"abcdef",), (b"a", DownstreamError("the client broke off"))])
async def test_a_request_body_that_is_not_what_it_says_fails_for_the_client(parts: tuple[bytes, ...]) -> None:
    async with raw_backend(keep_answering(ok(b""))) as backend:
        dialled = Dialled(backend.port)
        body = Parts(*parts)
        with pytest.raises(DownstreamError):
            await dialled.send(get(method="POST", body=body, length=4))
        await eventually(lambda: dialled.pool.size == 0 and body.closed == 1)
        assert backend.bodies == []


async def test_cancelling_gives_everything_back() -> None:
    async def answer(wire: Wire) -> None:
        await wire.head()
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        body = Parts(b"abc", asyncio.Event())
        for request in (get(), get(method="POST", body=body, length=10)):
            task = asyncio.ensure_future(dialled.send(request))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await eventually(lambda: dialled.pool.size == 0 and backend.closed == 2 and body.closed == 1)
        assert len(dialled.sweeper) == 0


async def test_interim_answers_reach_whoever_wants_them() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        await asyncio.sleep(0.02)
        await wire.say(ok(b"x"))

    hints = []

    async def take(headers: list[tuple[bytes, bytes]]) -> None:
        hints.append(headers)

    async with raw_backend(answer) as backend:
        request = get()
        request.on_early_hints = take
        assert (await Dialled(backend.port).send(request)).body == b"x"
        assert hints == [[(b"link", b"</a>")]]


async def test_nothing_piles_up_behind_a_client_that_is_slow_to_take_an_early_hint() -> None:
    sent = 0

    async def answer(wire: Wire) -> None:
        nonlocal sent
        await wire.request()
        await wire.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        await asyncio.sleep(0.05)
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n")
        for _ in range(500):
            await wire.say(b"x" * 100_000)
            sent += 100_000

    gate = asyncio.Event()

    async def take(headers: list[tuple[bytes, bytes]]) -> None:
        await gate.wait()

    async with raw_backend(answer) as backend:
        request = get()
        request.on_early_hints = take
        task = asyncio.ensure_future(Dialled(backend.port).send(request, timeouts(response=0.2)))
        await asyncio.sleep(0.5)
        assert sent < 20_000_000
        gate.set()
        assert len(await content(await task)) == 50_000_000


async def test_a_target_that_waits_for_the_rest_of_the_request_is_not_late() -> None:
    more = asyncio.Event()

    async def answer(wire: Wire) -> None:
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n")
        body = await wire.reader.readexactly(6)
        await asyncio.sleep(0.15)
        await wire.say(body)
        await wire.reader.read()

    async with raw_backend(answer) as backend:
        request = get(method="POST", body=Parts(b"abc", more, b"def"), length=6)
        response = await Dialled(backend.port).send(request, timeouts(idle=0.25))
        asyncio.get_running_loop().call_later(0.6, more.set)
        assert await content(response) == b"abcdef"


async def test_a_connection_that_closed_before_anything_was_sent_may_be_replaced_for_any_request() -> None:
    async def close(wire: Wire) -> None:
        wire.reset()

    async with raw_backend(close) as backend:
        dialled = Dialled(backend.port)
        connection = await dialled.pool.acquire(timeouts(), 0.0)
        await eventually(lambda: dialled.pool.size == 0)
        with pytest.raises(UpstreamReset) as caught:
            await connection.send(b"", get(method="POST"), timeouts(), 0.0)
        assert caught.value.retryable is Retryable.ALWAYS


async def test_a_closed_idle_connection_is_forgotten() -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"x"))

    async with raw_backend(answer) as backend:
        dialled = Dialled(backend.port)
        await dialled.send(get())
        await eventually(lambda: dialled.pool.size == 0)
        assert dialled.pool.take() is None


class Reading(asyncio.Transport):
    """A transport that only knows whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert data

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        self.reading = False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


async def test_a_body_that_nobody_takes_yet_is_not_read_on() -> None:
    loop = asyncio.get_running_loop()
    connection, transport = Http1Connection(Sweeper(loop), 32768, lambda _: None, lambda _: None), Reading()
    connection.connection_made(transport)
    sending = asyncio.ensure_future(connection.send(b"GET", get(), timeouts(), 0.0))
    await asyncio.sleep(0)
    seen = []
    for data in (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na", b"b"):
        connection.data_received(data)
        seen.append(transport.reading)
    response = await sending
    assert [*seen, transport.reading] == [True, False, True]
    connection.data_received(b"c")
    assert await content(response) == b"abc"


async def test_states() -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        dialled = Dialled(backend.port)
        connection = await dialled.pool.acquire(timeouts(), 0.0)
        assert connection.usable()
        assert connection.state is State.IDLE
        connection.close()
        assert not connection.usable()
        await eventually(lambda: dialled.pool.size == 0)
