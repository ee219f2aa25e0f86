"""Clients over TLS: HTTP/1.1 and HTTP/2 through the real gateway, and what of HTTP/2 each server can carry."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.backends import Answer, RawBackend, Wire, keep_answering, ok, raw_backend
from tests.certificates import make_ca, make_cert
from tests.clients import connect
from tests.h2_client import connect_h2
from tests.integration.gateway_process import GatewayProcess, gateway, to

AUTHORITY = make_ca()


class Rig(NamedTuple):
    """A backend behind a gateway that speaks TLS; `ca` is who signed its certificate."""

    backend: RawBackend
    gw: GatewayProcess
    ca: str


@asynccontextmanager
async def rig(tmp_path: Path, server: str, answer: Answer) -> AsyncIterator[Rig]:
    ca = AUTHORITY.write(tmp_path, "ca").cert
    pair = make_cert(AUTHORITY).write(tmp_path, "gateway")
    async with (
        raw_backend(answer) as backend,
        gateway(tmp_path, to(backend.port), server, tls_cert=pair.cert, tls_key=pair.key) as gw,
    ):
        yield Rig(backend, gw, ca)
        assert not any("Traceback" in line for line in gw.log)


def fields_of(head: bytes) -> list[tuple[bytes, bytes]]:
    pairs = (line.partition(b": ") for line in head.split(b"\r\n")[1:] if line)
    return [(name, value) for name, _, value in pairs]


async def echo(wire: Wire) -> None:
    while True:
        _, body = await wire.request()
        await wire.say(ok(body, b"set-cookie: a=1", b"set-cookie: b=2"))


async def test_http_1_1_over_tls(tmp_path: Path, server: str) -> None:
    async with rig(tmp_path, server, echo) as (backend, gw, ca):
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(["http/1.1"])
        async with connect(gw.port, tls=context) as client:
            for content in (b"x" * 300_000, b""):
                reply = await client.exchange("POST", "/up", body=content)
                assert (reply.status, reply.body, reply.complete) == (200, content, True)
        assert dict(fields_of(backend.heads[0]))[b"x-forwarded-proto"] == b"https"
        assert dict(fields_of(backend.heads[0]))[b"via"] == b"1.1 gateway"
        assert (await gw.record("/up"))["version"] == "1.1"


async def test_http_2_requests_arrive_as_http_1_1(tmp_path: Path, server: str) -> None:
    content = bytes(i % 251 for i in range(200_000))
    async with rig(tmp_path, server, echo) as (backend, gw, ca), connect_h2(gw.port, ca) as client:
        crumbs = [("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("x-kept", "1")]
        first = await client.exchange("GET", "/plain?q=%20", crumbs)
        assert (first.status, first.complete) == (200, True)
        assert [value for name, value in first.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
        assert not {b"connection", b"transfer-encoding", b"keep-alive"} & {name for name, _ in first.headers}
        head = fields_of(backend.heads[0])
        assert backend.heads[0].startswith(b"GET /plain?q=%20 HTTP/1.1\r\nhost: localhost\r\n")
        assert [value for name, value in head if name == b"cookie"] == [b"a=1; b=2"]
        fields = dict(head)
        assert (fields[b"x-forwarded-proto"], fields[b"via"], fields[b"x-kept"]) == (b"https", b"2.0 gateway", b"1")
        assert not {b"content-length", b"transfer-encoding"} & set(fields)
        declared = await client.exchange("POST", "/declared", [("content-length", str(len(content)))], content)
        undeclared = await client.exchange("POST", "/undeclared", [], content)
        assert (declared.body, undeclared.body) == (content, content)
        assert dict(fields_of(backend.heads[1]))[b"content-length"] == str(len(content)).encode()
        assert dict(fields_of(backend.heads[2]))[b"transfer-encoding"] == b"chunked"
        assert b"content-length" not in dict(fields_of(backend.heads[2]))
        record = await gw.record("/undeclared")
        assert (record["version"], record["bytes_received"], record["bytes_sent"]) == ("2", len(content), len(content))


async def test_streams_of_one_connection_do_not_wait_for_one_another(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            if b"/slow" in head:
                await asyncio.sleep(1)
            await wire.say(ok(head.split(b" ")[1]))

    async with rig(tmp_path, server, answer) as (_, gw, ca), connect_h2(gw.port, ca) as client:
        slow, quick = client.request(path="/slow"), client.request(path="/quick")
        assert (await client.answer(quick)).body == b"/quick"
        assert (await client.answer(slow)).body == b"/slow"


EARLY, FINAL = b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n", b"HTTP/1.1 200 OK\r\n"


async def test_a_cut_answer_never_looks_complete_over_http_2(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(FINAL + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await asyncio.sleep(0.1)
        wire.reset()

    async with rig(tmp_path, server, answer) as (_, gw, ca), connect_h2(gw.port, ca) as client:
        async with asyncio.timeout(3):
            reply = await client.answer(client.request(path="/cut"))
        assert (reply.status, reply.body, reply.complete) == (200, b"hello", False)
        assert (await gw.record("/cut"))["error"] == "upstream_truncated"


async def test_an_early_answer_leaves_the_other_streams_alone(tmp_path: Path, server: str) -> None:
    go = asyncio.Event()

    async def answer(wire: Wire) -> None:
        head = await wire.head()
        if b"/early" in head:
            await wire.say(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig")
            await wire.reader.read()
        await go.wait()
        await wire.say(ok(b"other"))

    async with rig(tmp_path, server, answer) as (_, gw, ca):
        for size in (1, 60_000, 2_000_000):
            go.clear()
            async with connect_h2(gw.port, ca) as client, asyncio.timeout(10):
                other = client.request(path="/other")
                early = client.request("POST", "/early", ended=False)
                await client.send(early, b"x", ended=False)
                reply = await client.answer(early)
                assert (reply.status, reply.body, reply.complete) == (413, b"big", True)
                for _ in range(4):
                    await client.send(early, bytes(size // 4), ended=False)
                go.set()
                assert (await client.answer(other)).body == b"other"
                assert (await client.exchange(path="/after")).body == b"other"


async def test_early_hints_reach_http_2_clients(tmp_path: Path, server: str) -> None:
    async with (
        rig(tmp_path, server, keep_answering(EARLY + ok(b"x", b"link: </b.css>"))) as (_, gw, ca),
        connect_h2(gw.port, ca) as client,
    ):
        reply = await client.exchange()
        hints = [(103, [(b"link", b"</a.css>; rel=preload")])]
        assert reply.interim == (hints if server != "granian" else [])
        assert (reply.status, reply.body, reply.field(b"link")) == (200, b"x", b"</b.css>")


async def test_trailers_reach_http_2_clients_that_ask(tmp_path: Path, server: str) -> None:
    chunks = (
        FINAL + b"transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n1\r\nx\r\n0\r\nx-sum: 7\r\nhost: evil\r\n\r\n"
    )
    async with (
        rig(tmp_path, server, keep_answering(chunks)) as (_, gw, ca),
        connect_h2(gw.port, ca) as client,
    ):
        asked = await client.exchange(fields=[("te", "trailers")])
        assert (asked.status, asked.body, asked.complete) == (200, b"x", True)
        assert asked.trailers == ([(b"x-sum", b"7")] if server != "granian" else None)
        silent = await client.exchange()
        assert (silent.body, silent.complete, silent.trailers) == (b"x", True, None)
