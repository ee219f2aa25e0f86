"""A stream as a pipe of bytes."""

import asyncio
from typing import cast

import pytest

from app.infrastructure.downstream import http2_requests
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.site import Scope, Site
from tests.h2_frames import DATA, END_STREAM, frame, head, pseudo, reset, update
from tests.unit.infrastructure.downstream.http2_bench import Bench

CONNECT = head(1, [*pseudo("/ws", "CONNECT", scheme="http"), (":protocol", "websocket")], ended=False)


class Protocol:
    """Shaped like one of asyncio."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.got = b""
        self.stays = False

    def data_received(self, data: bytes) -> None:
        self.got += data

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self.stays

    def connection_lost(self, error: Exception | None) -> None:
        self.told.append("lost")

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")


class Door:
    """In the place of what serves WebSockets."""

    def __init__(self) -> None:
        self.pipes: list[Http2Pipe] = []
        self.protocol = Protocol()
        self.scope: Scope = {}

    def __call__(self, site: Site, scope: Scope, pipe: Http2Pipe) -> None:
        self.scope = scope
        self.pipes.append(pipe)
        pipe.set_protocol(self.protocol)

    @property
    def pipe(self) -> Http2Pipe:
        return self.pipes[0]


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    made = Door()
    monkeypatch.setattr(http2_requests, "serve_over_http2", made)
    return made


async def opened(door: Door) -> Bench:
    bench = await Bench().run(CONNECT)
    door.pipe.accept([(b"x-a", b"1")])
    return await bench.run()


async def test_bytes_go_both_ways(door: Door) -> None:
    bench = await opened(door)
    assert (door.scope["type"], door.scope["raw_path"], door.scope["http_version"]) == ("websocket", b"/ws", "2")
    door.pipe.write(b"hello")
    door.pipe.write(b"")
    await bench.run(frame(DATA, 1, b"hey"))
    assert (bench.answers[1].status, bench.answers[1].body, door.protocol.got) == (200, b"hello", b"hey")
    assert door.pipe.get_extra_info("peername") == ("10.0.0.1", 4711)
    assert not door.pipe.can_write_eof()


async def test_a_refusal_is_an_answer(door: Door) -> None:
    bench = await Bench().run(CONNECT)
    door.pipe.refuse(403, [], b"no")
    await bench.run()
    assert (bench.answers[1].status, bench.answers[1].body, bench.answers[1].ended) == (403, b"no", True)
    assert door.protocol.told == ["lost"]
    assert door.pipe.is_closing()


async def test_it_closes_when_the_client_does(door: Door) -> None:
    bench = await opened(door)
    await bench.run(frame(DATA, 1, b"bye", END_STREAM))
    assert (door.protocol.got, door.protocol.told) == (b"bye", ["eof", "lost"])
    assert (bench.answers[1].ended, bench.connection.streams) == (True, {})


async def test_it_may_stay_when_the_client_has_ended(door: Door) -> None:
    door.protocol.stays = True
    bench = await opened(door)
    await bench.run(frame(DATA, 1, b"", END_STREAM))
    door.pipe.write(b"more")
    door.pipe.close()
    door.pipe.close()
    door.pipe.write(b"too late")
    await bench.run()
    assert (bench.answers[1].body, bench.answers[1].ended, bench.answers[1].reset) == (b"more", True, None)


async def test_an_abort_resets_the_stream(door: Door) -> None:
    bench = await opened(door)
    door.pipe.abort()
    door.pipe.abort()
    await bench.run()
    assert (bench.answers[1].reset, door.protocol.told) == (2, ["lost"])


async def test_a_client_that_resets_or_leaves_is_gone(door: Door) -> None:
    bench = await opened(door)
    await bench.run(reset(1))
    assert (door.protocol.told, door.pipe.is_closing()) == (["lost"], True)
    bench.connection.connection_lost(None)
    assert door.protocol.told == ["lost"]


async def test_who_does_not_read_lets_the_window_fill(door: Door) -> None:
    bench = await opened(door)
    door.pipe.pause_reading()
    await bench.run(*[frame(DATA, 1, bytes(16384))] * 15, frame(DATA, 1, b"x", END_STREAM))
    assert (door.protocol.got, door.protocol.told) == (b"", [])
    door.pipe.resume_reading()
    await bench.run()
    assert (len(door.protocol.got), door.protocol.told) == (15 * 16384 + 1, ["eof", "lost"])


async def test_windows_are_widened_as_bytes_are_taken(door: Door) -> None:
    bench = await opened(door)
    door.pipe.pause_reading()
    await bench.run(*[frame(DATA, 1, bytes(16384))] * 16)
    assert bench.answers[1].windows == 0
    door.pipe.resume_reading()
    await bench.run()
    assert bench.answers[1].windows == 256 * 1024


async def test_who_writes_too_much_is_told_to_pause(door: Door) -> None:
    bench = await opened(door)
    door.pipe.set_write_buffer_limits(high=1000)
    door.pipe.set_write_buffer_limits()
    door.pipe.write(bytes(65535))
    await bench.run()
    door.pipe.write(bytes(2000))
    assert (door.pipe.get_write_buffer_size(), door.protocol.told) == (2000, ["pause", "resume", "pause"])
    await bench.run(update(0, 1 << 20), update(1, 1 << 20))
    assert (door.pipe.get_write_buffer_size(), door.protocol.told) == (0, ["pause", "resume"] * 2)
    door.pipe.write(bytes(2 << 20))
    door.pipe.close()
    await bench.run(update(0, 3 << 20), update(1, 3 << 20))
    assert (len(bench.answers[1].body), bench.answers[1].ended) == (65535 + 2000 + (2 << 20), True)


async def test_without_a_protocol_bytes_go_nowhere(door: Door) -> None:
    bench = await opened(door)
    door.pipe.set_protocol(None)
    await bench.run(frame(DATA, 1, b"a", END_STREAM))
    assert cast("asyncio.Transport", bench.transport) is not None
    assert door.protocol.got == b""
