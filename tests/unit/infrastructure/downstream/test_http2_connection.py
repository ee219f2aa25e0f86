"""A client that keeps to the rules: the h2 package. Then transports that take nothing, and the ends of connections."""

import asyncio
from typing import Any, cast

import h2.config
import h2.connection
import h2.events

from app.infrastructure.downstream.http2_connection import LINGER_BYTES
from app.infrastructure.downstream.site import Receive, Scope, Send
from tests.h2_frames import DATA, END_STREAM, PREFACE, SETTINGS, frame, head, pseudo, update
from tests.unit.infrastructure.downstream.http2_bench import TURNS, Bench, Transport

FIELDS = [(":method", "GET"), (":scheme", "http"), (":authority", "test"), (":path", "/")]


class H2:
    """A client of the h2 package on a bench."""

    def __init__(self) -> None:
        self.bench = Bench(begin=False)
        self.bench.connection.take_over(cast("asyncio.Transport", self.bench.transport), ("10.0.0.1", 1), b"")
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
        self.h2.initiate_connection()
        self.events: list[h2.events.Event] = []
        self._taken = 0

    async def run(self) -> None:
        """Pass bytes both ways until nothing moves."""
        for _ in range(300):
            data = self.h2.data_to_send()
            if data:
                self.bench.connection.data_received(data)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            new = self.bench.transport.written[self._taken :]
            self._taken += len(new)
            for piece in new:
                self._take(self.h2.receive_data(piece))
            if not new and not data:
                return

    def _take(self, events: list[h2.events.Event]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length and event.stream_id:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def of(self, kind: type[Any], stream: int) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind) and event.stream_id == stream]

    def body(self, stream: int) -> bytes:
        return b"".join(event.data for event in self.of(h2.events.DataReceived, stream))


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """300 KB, in parts of many sizes, and fields after it."""
    await send({"type": "http.response.early_hint", "links": [b"</a>; rel=preload"]})
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close"), (b"x-path", scope["raw_path"])]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
    for number in range(100):
        await send({"type": "http.response.body", "body": bytes([number]) * 3000, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


async def test_uploads_and_downloads_of_many_streams() -> None:
    client = H2()
    client.bench.app.answer = large
    for stream in range(1, 20, 2):
        client.h2.send_headers(
            stream, [*FIELDS[:3], (":path", f"/{stream}?a=%20"), ("te", "trailers")], end_stream=True
        )
    await client.run()
    for stream in range(1, 20, 2):
        [hint] = client.of(h2.events.InformationalResponseReceived, stream)
        assert dict(hint.headers) == {b":status": b"103", b"link": b"</a>; rel=preload"}
        [answer] = client.of(h2.events.ResponseReceived, stream)
        assert answer.headers == [
            (b":status", b"200"), (b"content-type", b"text/plain"), (b"x-path", b"/%d" % stream),
        ]  # fmt: skip
        assert client.body(stream) == b"".join(bytes([number]) * 3000 for number in range(100))
        [trailers] = client.of(h2.events.TrailersReceived, stream)
        assert trailers.headers == [(b"x-sum", b"1")]
        assert client.of(h2.events.StreamEnded, stream)
    assert client.bench.connection.streams == {}


async def test_an_upload_is_given_room_as_it_is_taken() -> None:
    client = H2()
    body = bytes(range(256)) * 20000
    await client.run()
    client.h2.send_headers(1, [(":method", "POST"), *FIELDS[1:]])
    sent = 0
    while sent < len(body):
        size = min(client.h2.local_flow_control_window(1), 16384, len(body) - sent)
        assert size, "the window is never widened"
        client.h2.send_data(1, body[sent : sent + size], end_stream=sent + size == len(body))
        sent += size
        await client.run()
    assert client.bench.app.bodies == [body]
    assert client.body(1) == b"served"


async def test_the_scope_says_what_was_asked() -> None:
    bench = Bench()
    fields = [("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2")]
    await bench.run(head(1, [*pseudo("/a%20b?c=%20", scheme="https"), *fields]))
    [scope] = bench.app.scopes
    assert (scope["type"], scope["http_version"], scope["method"], scope["scheme"]) == ("http", "2", "GET", "http")
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/a b", b"/a%20b", b"c=%20")
    assert scope["headers"] == [(b"host", b"test"), (b"cookie", b"a=1; b=2"), (b"x-a", b"1")]
    assert scope["client"] == ("10.0.0.1", 4711)
    assert set(scope["extensions"]) == {"gateway.response", "http.response.trailers", "http.response.early_hint"}


async def test_what_one_turn_of_the_loop_leads_to_is_written_at_once() -> None:
    bench = Bench()
    await bench.run()
    before = len(bench.transport.written)
    await bench.run(*(head(stream, pseudo("/", scheme="http")) for stream in range(1, 100, 2)))
    assert len(bench.answers) == 50
    assert len(bench.transport.written) == before + 1


async def test_a_transport_that_is_full_is_not_written_to_and_its_client_not_read_from() -> None:
    bench = Bench(settings=b"\0\x04" + (1 << 24).to_bytes(4, "big"))
    bench.send(update(0, 1 << 24))
    bench.app.answer = large
    bench.connection.pause_writing()
    await bench.run(head(1, pseudo("/", scheme="http")))
    assert (bench.transport.reading, bench.answers[1].body) == (False, b"")
    bench.connection.resume_writing()
    await bench.run()
    assert bench.transport.reading
    assert (len(bench.answers[1].body), bench.answers[1].ended) == (300_000, True)


async def test_a_client_that_leaves_takes_its_exchanges_with_it() -> None:
    bench = await Bench().run(head(1, pseudo("/wait", scheme="http")), head(3, pseudo("/wait", scheme="http")))
    assert bench.connection.eof_received() is False
    bench.connection.connection_lost(None)
    await bench.run()
    assert (bench.app.gone, bench.connection.running, len(bench.site.sweeper)) == (2, {}, 0)
    bench.connection.data_received(b"whatever")


async def test_what_comes_after_the_end_is_thrown_away_and_not_without_limit() -> None:
    bench = await Bench().run(frame(DATA, 0))
    assert (bench.goaway, bench.transport.closed) == (1, False)
    bench.send(bytes(LINGER_BYTES))
    assert bench.transport.end() == "open"
    bench.send(b"x")
    assert bench.transport.end() == "aborted"


async def test_a_connection_that_ends_while_full_reads_on() -> None:
    bench = await Bench().run()
    bench.connection.pause_writing()
    await bench.run(frame(DATA, 0))
    assert bench.transport.reading
    bench.connection.resume_writing()
    bench.connection.pause_writing()


async def test_a_site_that_drains_takes_no_connections() -> None:
    bench = Bench(begin=False)
    bench.site.draining = True
    bench.connection.connection_made(cast("asyncio.Transport", bench.transport))
    await bench.run()
    assert (bench.goaway, bench.transport.closed) == (0, True)
    await bench.run(PREFACE)


class Session:
    """Of TLS, with the certificate of a client."""

    def selected_alpn_protocol(self) -> str:
        return "h2"

    def getpeercert(self, *, binary_form: bool) -> bytes:
        return b"certificate"


class SecureTransport(Transport):
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return Session() if name == "ssl_object" else ("/run/socket" if name == "peername" else default)


async def test_the_certificate_of_a_client_is_in_the_scope() -> None:
    bench = Bench(begin=False)
    bench.site.scheme = "https"
    bench.transport = SecureTransport()
    bench.connection.connection_made(cast("asyncio.Transport", bench.transport))
    await bench.run(PREFACE, frame(SETTINGS), head(1, pseudo("/")))
    [scope] = bench.app.scopes
    assert (scope["scheme"], scope["client"]) == ("https", None)
    assert "BEGIN CERTIFICATE" in scope["extensions"]["tls"]["client_cert_chain"][0]


async def test_the_answer_to_an_upload_may_come_first() -> None:
    bench = await Bench().run(bench_upload())
    assert (bench.answers[1].status, bench.answers[1].reset, bench.answers[1].body) == (413, 0, b"early")
    await bench.run(*[frame(DATA, 1, bytes(16384))] * 40, frame(DATA, 1, b"", END_STREAM))
    assert bench.goaway is None
    assert bench.window > 40 * 16384, "what nobody reads is given back to the other streams"


def bench_upload() -> bytes:
    return head(1, pseudo("/early", "POST", scheme="http"), ended=False)
