"""WebSocket over HTTP/2 (RFC 8441; not under Granian): extended CONNECT in, HTTP/1.1 handshake out (P-60)."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from tests.integration.websocket_backends import Backends
from tests.integration.websocket_harness import Gateway


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    started = Backends()
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module", params=["builtin", "hypercorn"])
def gateway(
    request: pytest.FixtureRequest, backends: Backends, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    started = Gateway(request.param, backends, tmp_path_factory.mktemp("gateway"))
    yield started
    assert started.stop() == 0
    assert "internal error" not in started.log()


class Tunnel:
    """One extended CONNECT on a connection of its own, with prior knowledge of HTTP/2."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._frames = Protocol(Side.CLIENT, state=State.OPEN)
        self._arriving = self._events()
        self._received: list[Frame] = []
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def open(self, path: str, **fields: str) -> None:
        """Ask, and wait for the answer; the body too when it is a refusal."""
        self._http.initiate_connection()
        headers = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", path),
            (":authority", "gateway.example"), ("sec-websocket-version", "13"), *fields.items(),
        ]  # fmt: skip
        self._http.send_headers(1, headers)
        async for event in self._arriving:
            if isinstance(event, ResponseReceived):
                self.headers = {str(name): str(value) for name, value in event.headers}
                self.status = int(self.headers[":status"])
                if self.status == 200:
                    return
            elif isinstance(event, DataReceived):
                self.body += event.data
            elif isinstance(event, StreamEnded):
                return

    async def send(self, text: str) -> None:
        """One text message."""
        self._frames.send_text(text.encode())
        await self._flush()

    async def write(self, data: bytes) -> None:
        """Bytes, as frames or not, in a DATA frame of their own."""
        self._http.send_data(1, data)
        await self._flush()

    async def receive(self) -> tuple[Opcode, bytes]:
        """The next frame that is no ping: those come when the server likes."""
        while not self._received:
            event = await anext(self._arriving)
            if isinstance(event, DataReceived):
                self._frames.receive_data(event.data)
                frames = [frame for frame in self._frames.events_received() if isinstance(frame, Frame)]
                self._received += [frame for frame in frames if frame.opcode is not Opcode.PING]
        frame = self._received.pop(0)
        return frame.opcode, bytes(frame.data)

    async def close(self, code: int) -> None:
        """Close frame, without waiting for its answer."""
        self._frames.send_close(code, "")
        await self._flush()

    async def _flush(self) -> None:
        for data in self._frames.data_to_send():
            if data:
                self._http.send_data(1, data)
        self._writer.write(self._http.data_to_send())
        await self._writer.drain()

    async def _events(self) -> AsyncIterator[object]:
        while True:
            self._writer.write(self._http.data_to_send())
            data = await asyncio.wait_for(self._reader.read(65536), 5)
            if not data:
                return
            for event in self._http.receive_data(data):
                if isinstance(event, DataReceived):
                    self._http.acknowledge_received_data(event.flow_controlled_length, 1)
                yield event


@pytest.fixture
async def tunnel(gateway: Gateway) -> AsyncIterator[Tunnel]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    yield Tunnel(reader, writer)
    writer.close()


async def closed(backends: Backends, path: str) -> int | None:
    """The code with which the connection of `path` ended at the backend."""
    for _ in range(250):
        if path in backends.recorder.closes:
            break
        await asyncio.sleep(0.02)
    return backends.recorder.closes[path][0]


async def test_messages_and_close_codes_cross_from_http2_to_http1(
    gateway: Gateway, tunnel: Tunnel, backends: Backends
) -> None:
    path = f"/default/echo?over=http2&{gateway.server}"
    await tunnel.open(path, **{"sec-websocket-protocol": "v1"})
    assert tunnel.status == 200
    assert tunnel.headers["sec-websocket-protocol"] == "v1"
    await tunnel.send("hello")
    assert await tunnel.receive() == (Opcode.TEXT, b"hello")
    await tunnel.close(4000)
    assert await closed(backends, path) == 4000


async def test_a_refusal_is_an_answer(tunnel: Tunnel) -> None:
    await tunnel.open("/default/refuse")
    assert tunnel.status == 401
    assert tunnel.body == b'{"refused": true}'


async def test_p60_a_plain_200_of_the_backend_does_not_open_the_tunnel(tunnel: Tunnel) -> None:
    await tunnel.open("/raw/plain")
    assert tunnel.status == 502
    assert b"upstream_malformed" in tunnel.body


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xc1\x84\0\0\0\0rsv1", 1002), (b"\x83\x80\0\0\0\0", 1002), (b"\x81\x01x", 1002),
        (b"\x81\x81\0\0\0\0\xff", 1007), (b"\x88\x82\0\0\0\0\x03\xed", 1002),
    ],
)  # fmt: skip
async def test_a_breach_of_the_protocol_is_answered_with_its_code(
    gateway: Gateway, tunnel: Tunnel, backends: Backends, frame: bytes, code: int
) -> None:
    path = f"/default/echo?breach={frame.hex()}&{gateway.server}"
    await tunnel.open(path)
    await tunnel.send("before")
    assert await tunnel.receive() == (Opcode.TEXT, b"before")
    await tunnel.write(frame)
    opcode, payload = await tunnel.receive()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (Opcode.CLOSE, code)
    # Of a client that broke the protocol, ASGI can tell no more than that it is gone.
    assert await closed(backends, path) == (code if gateway.server == "builtin" else 1001)


async def test_fragments_cut_across_data_frames_and_a_ping_between_are_one_message(tunnel: Tunnel) -> None:
    await tunnel.open("/default/echo?fragments")
    for byte in b"\x01\x83\0\0\0\0one" + b"\x89\x84\0\0\0\0ping" + b"\x80\x83\0\0\0\0two":
        await tunnel.write(bytes([byte]))
    assert await tunnel.receive() == (Opcode.PONG, b"ping")
    assert await tunnel.receive() == (Opcode.TEXT, b"onetwo")


async def test_a16_a_message_that_is_too_large_is_1009_on_both_sides(
    gateway: Gateway, tunnel: Tunnel, backends: Backends
) -> None:
    path = f"/small/echo?large=http2&{gateway.server}"
    await tunnel.open(path)
    await tunnel.send("x" * 1025)
    opcode, payload = await tunnel.receive()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (Opcode.CLOSE, 1009)
    assert await closed(backends, path) == 1009


@pytest.mark.parametrize("code", [1000, 4999])
async def test_the_services_close_code_reaches_the_client(tunnel: Tunnel, code: int) -> None:
    await tunnel.open(f"/default/close/{code}")
    assert await tunnel.receive() == (Opcode.TEXT, b"first")
    assert await tunnel.receive() == (Opcode.CLOSE, code.to_bytes(2, "big") + b"as asked")
