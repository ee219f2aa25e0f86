"""A connection as the event loop and the server see it: who may come in, lateness, ends, other protocols."""

import ssl
from typing import Any, ClassVar

import pytest

from app.domain.errors import DownstreamError
from app.infrastructure.downstream import http1_connection
from app.infrastructure.downstream.cycle import REFUSAL
from app.infrastructure.downstream.site import WRITE_BUFFER, Limits
from tests.unit.infrastructure.downstream.client_line import GET, OK, ClientLine, Script

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class Successor:
    """What goes on with a connection."""

    made: ClassVar[list[Any]] = []
    deadline = float("inf")

    def __init__(self, site: Any) -> None:
        self.site = site
        self.data = b""
        self.client: Any = None
        Successor.made.append(self)

    def take_over(self, transport: object, client: object, data: bytes) -> None:
        self.client, self.data = client, data
        self.site.join(self)


@pytest.fixture
def successors(monkeypatch: pytest.MonkeyPatch) -> list[Successor]:
    def serve(site: Any, scope: dict[str, Any], transport: object, data: bytes) -> Successor:
        session = Successor(site)
        assert (scope["type"], scope["scheme"], scope["raw_path"]) == ("websocket", "ws", b"/ws")
        session.take_over(transport, scope["client"], data)
        return session

    monkeypatch.setattr(http1_connection, "Http2Connection", Successor)
    monkeypatch.setattr(http1_connection, "serve_over_http1", serve)
    Successor.made = []
    return Successor.made


async def test_who_connects_is_asked_for_and_told_when_gone() -> None:
    client = ClientLine(made=False)
    seen: list[str] = []
    client.site.enter = lambda address: f"<{address}>"
    client.site.exit = seen.append
    client.make()
    assert client.transport.high == WRITE_BUFFER
    assert client.site.connections == {client.line: "<192.0.2.1>"}
    client.line.connection_lost(None)
    assert (seen, client.site.connections, len(client.site.sweeper)) == (["<192.0.2.1>"], {}, 0)


async def test_who_may_not_connect_is_reset_and_never_counted() -> None:
    client = ClientLine(made=False)
    seen: list[str] = []
    client.site.enter = lambda _: None
    client.site.exit = seen.append
    client.make()
    assert await client.say(GET) == b""
    client.line.connection_lost(None)
    assert (client.calls, seen, client.site.connections) == (["abort"], [], {})


@pytest.mark.parametrize(
    ("peername", "seen"),
    [(("2001:db8::1", 5, 0, 0), ("2001:db8::1", 5)), ("", None), (b"\0x", None), (None, None)],
)
async def test_peers_of_all_families(peername: object, seen: object) -> None:
    client = ClientLine(peername=peername)
    assert await client.say(GET) == OK
    assert client.scopes[0]["client"] == seen


async def test_a_server_that_ends_takes_nobody_in() -> None:
    client = ClientLine(made=False)
    client.site.draining = True
    client.make()
    assert await client.say(GET) == b""
    assert client.calls == ["close"]


async def test_a02_a_silent_client_is_closed() -> None:
    client = ClientLine(limits=Limits(head_timeout=5))
    assert client.line.deadline == client.clock.now + 5
    client.late()
    assert (client.calls, client.scopes) == (["close"], [])


async def test_a01_half_a_head_has_its_time_from_its_first_byte_and_is_answered_408() -> None:
    client = ClientLine(limits=Limits(head_timeout=5))
    client.clock.now += 4
    await client.say(b"GET / HT")
    client.clock.now += 4
    await client.say(b"TP/1.1\r\n")
    assert client.line.deadline == client.clock.now + 1
    client.late()
    assert b"connection: close" in await client.settle()
    error = client.scopes[0]["extensions"][REFUSAL]
    assert isinstance(error, DownstreamError)
    assert (error.status, error.code) == (408, "request_head_timeout")
    assert client.calls == ["eof"]


async def test_a_connection_that_idles_after_its_answer_is_closed() -> None:
    client = ClientLine()
    await client.say(GET)
    client.clock.now += 5
    await client.say(GET)
    assert client.line.deadline == client.clock.now + client.site.limits.head_timeout
    client.late()
    assert client.calls == ["close"]


async def test_nobody_is_late_while_the_application_is_at_work() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET)
    assert client.line.deadline == float("inf")
    client.line.cut()
    await client.settle()


async def test_an_idle_client_that_ends_is_closed_and_so_is_one_over_tls() -> None:
    client = ClientLine()
    assert not client.line.eof_received()
    assert client.calls == ["close"]
    script = Script()
    client = ClientLine(script, scheme="https")
    await client.say(GET)
    assert not client.line.eof_received()
    assert (await script.receive(), await script.receive())[1] == {"type": "http.disconnect"}
    assert client.calls == ["close"]
    script.end()
    await client.settle()


async def test_drain_closes_what_is_idle_and_only_once() -> None:
    client = ClientLine()
    client.line.drain()
    client.line.drain()
    assert client.calls == ["close"]


async def test_cut_ends_everything_at_once() -> None:
    script = Script()
    client = ClientLine(script)
    await client.say(GET)
    client.line.cut()
    await client.settle()
    assert (script.cancelled, client.calls) == (True, ["abort"])
    client = ClientLine()
    client.line.cut()
    assert client.calls == ["abort"]


@pytest.mark.parametrize("at", [1, 3, 14, 24])
async def test_http2_is_told_by_its_preface_however_that_comes(successors: list[Successor], at: int) -> None:
    client = ClientLine()
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    await client.say(preface[:at])
    if at < 14:
        await client.say(preface[at:])
    assert [successor.data for successor in successors] == [preface if at < 14 else preface[:at]]
    assert [*client.site.connections] == [*Successor.made]
    assert successors[0].client == ("192.0.2.1", 4711)


async def test_what_only_begins_like_the_preface_is_http1(successors: list[Successor]) -> None:
    client = ClientLine()
    assert await client.say(b"P", b"UT / HTTP/1.1\r\nhost: a\r\n\r\n") == OK
    assert (successors, client.scopes[0]["method"]) == ([], "PUT")


async def test_http2_can_be_off(successors: list[Successor]) -> None:
    client = ClientLine(limits=Limits(http2=False))
    await client.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert successors == []
    assert client.scopes[0]["extensions"][REFUSAL].status == 505


@pytest.mark.parametrize(("before", "rest"), [(b"", b""), (GET, b"\x81")])
async def test_a_websocket_gets_the_connection_and_what_followed(
    successors: list[Successor], before: bytes, rest: bytes
) -> None:
    client = ClientLine()
    assert await client.say(before + UPGRADE + rest) == (OK if before else b"")
    assert [successor.data for successor in successors] == [rest]
    assert [*client.site.connections] == [*Successor.made]


class Session:
    """A TLS session of a client that chose a protocol, and may have shown a certificate."""

    def __init__(self, alpn: str | None, certificate: bytes | None = None) -> None:
        self._alpn, self._certificate = alpn, certificate

    def selected_alpn_protocol(self) -> str | None:
        return self._alpn

    def getpeercert(self, *, binary_form: bool) -> bytes | None:
        return self._certificate


async def test_tls_tells_the_protocol_and_the_certificate(successors: list[Successor]) -> None:
    client = ClientLine(scheme="https", ssl_object=Session("http/1.1", b"der"))
    assert await client.say(GET) == OK
    assert client.scopes[0]["scheme"] == "https"
    chain = client.scopes[0]["extensions"]["tls"]["client_cert_chain"]
    assert chain == [ssl.DER_cert_to_PEM_cert(b"der")]
    assert successors == []
    ClientLine(scheme="https", ssl_object=Session("h2"))
    assert [successor.data for successor in successors] == [b""]
