"""Requests through the real gateway: what the backend got, what the client got, what the log says."""

import asyncio
from pathlib import Path

import pytest

from tests.backends import Wire, keep_answering, ok, raw_backend
from tests.clients import connect, fetch, raw
from tests.integration.gateway_process import gateway, to


async def test_a_request_arrives_as_it_should_and_its_answer_comes_back(tmp_path: Path, server: str) -> None:
    answer = ok(
        b"hello", b"set-cookie: a=1", b"set-cookie: b=2", b"x-service: yes", b"connection: keep-alive", b"date: D"
    )
    async with raw_backend(keep_answering(answer)) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        sent = [
            ("host", "Api.Example.com:8000"), ("x-forwarded-for", "6.6.6.6"), ("x-real-ip", "6.6.6.6"),
            ("connection", "x-secret, keep-alive"), ("x-secret", "1"), ("x-kept", "1"), ("x_forwarded_for", "6"),
            ("accept-encoding", "br"), ("x-request-id", "req-7"),
        ]  # fmt: skip
        reply = await fetch(gw.port, "/a/b?x=%20y", headers=sent)
        assert (reply.status, reply.body) == (200, b"hello")
        assert [value for name, value in reply.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
        assert [value for name, value in reply.headers if name == b"date"] == [b"D"]
        assert reply.field(b"via") == b"1.1 gateway"
        assert reply.field(b"x-request-id") == b"req-7"
        assert reply.field(b"x-service") == b"yes"
        lines = backend.heads[0].split(b"\r\n")
        assert lines[:2] == [b"GET /a/b?x=%20y HTTP/1.1", b"host: api.example.com:8000"]
        fields = dict(line.split(b": ", 1) for line in lines[1:] if line)
        assert fields[b"x-forwarded-for"] == b"127.0.0.1"
        assert fields[b"x-forwarded-host"] == b"api.example.com:8000"
        assert fields[b"x-forwarded-proto"] == b"http"
        assert fields[b"via"] == b"1.1 gateway"
        assert fields[b"x-kept"] == b"1"
        assert fields[b"accept-encoding"] == b"br"
        assert b"user-agent" not in fields
        assert not {b"x-secret", b"x_forwarded_for", b"connection", b"accept"} & set(fields)
        assert len(fields[b"traceparent"]) == 55
        record = await gw.record("/a/b?x=%20y")
        assert (record["status"], record["bytes_sent"], record["route"]) == (200, 5, "all")
        assert (record["client"], record["request_id"]) == ("127.0.0.1", "req-7")
        assert record["target"] == f"127.0.0.1:{backend.port}"


async def test_connections_to_the_backend_are_kept_and_so_are_the_clients(tmp_path: Path, server: str) -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        async with connect(gw.port) as client:
            for _ in range(20):
                assert (await client.exchange()).body == b"x"
        assert backend.connections == 1


async def test_bodies_pass_both_ways_byte_for_byte(tmp_path: Path, server: str) -> None:
    async def echo(wire: Wire) -> None:
        while True:
            _, body = await wire.request()
            await wire.say(ok(body))

    chunked = b"POST /c HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    async with raw_backend(echo) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        for size in (1, 70_000, 3_000_000):
            content = bytes(i % 251 for i in range(1000)) * (size // 1000) or b"x"
            reply = await fetch(gw.port, "/", "POST", body=content)
            assert reply.body == content
            parts = b"".join(
                b"%x\r\n%b\r\n" % (len(content[i : i + 9000]), content[i : i + 9000]) for i in range(0, size, 9000)
            )
            seen = await raw(gw.port, chunked + parts + b"0\r\n\r\n")
            assert backend.bodies[-2:] == [content, content]
            assert seen.split(b"\r\n\r\n", 1)[1].endswith(content[-100:])


async def test_head_and_bodiless_answers(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        while True:
            head, _ = await wire.request()
            if head.startswith(b"HEAD"):
                await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n")
            elif b"/304" in head:
                await wire.say(b"HTTP/1.1 304 Not Modified\r\netag: x\r\ncontent-length: 99\r\n\r\n")
            else:
                await wire.say(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        async with connect(gw.port) as client:
            head = await client.exchange("HEAD", "/")
            assert (head.status, head.field(b"content-length"), head.body) == (200, b"1234", b"")
            assert (await client.exchange("GET", "/204")).status == 204
            assert (await client.exchange("GET", "/304")).status == 304
            assert (await client.exchange("GET", "/204")).status == 204
        assert backend.connections == 1


async def test_a_broken_backend_gives_the_right_status_and_never_a_traceback(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        head, _ = await wire.request()
        if b"/garbage" in head:
            await wire.say(b"garbage\r\n\r\n")
        elif b"/both" in head:
            await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n")
        elif b"/large" in head:
            await wire.say(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 50_000 + b"\r\n\r\n")
        elif b"/slow" in head:
            await asyncio.sleep(30)

    config = to(0, timeouts={"response": "300ms", "connect": "300ms"})
    async with raw_backend(answer) as backend:
        config["routes"]["all"]["url"] = f"http://127.0.0.1:{backend.port}"
        config["routes"]["refused"] = {"match": {"paths": ["/refused"]}, "url": "http://127.0.0.1:1"}
        config["routes"]["unknown"] = {"match": {"paths": ["/unknown"]}, "url": "http://no-such-name.invalid"}
        async with gateway(tmp_path, config, server) as gw:
            expected = {
                "/garbage": (502, "upstream_malformed"), "/both": (502, "upstream_malformed"),
                "/large": (502, "upstream_malformed"), "/closed": (502, "upstream_reset"),
                "/slow": (504, "upstream_response_timeout"), "/refused": (502, "upstream_connect_failed"),
                "/unknown": (502, "upstream_connect_failed"),
            }  # fmt: skip
            for path, (status, code) in expected.items():
                reply = await fetch(gw.port, path)
                assert (reply.status, reply.field(b"content-type")) == (status, b"application/problem+json"), path
                record = await gw.record(path)
                assert (record["status"], record["error"], record["error_source"]) == (status, code, "upstream"), path
            assert not any("Traceback" in line for line in gw.log)


@pytest.mark.parametrize("framing", [b"content-length: 100000", b"transfer-encoding: chunked"])
async def test_a_cut_answer_never_looks_complete(tmp_path: Path, server: str, framing: bytes) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing + b"5\r\nhello\r\n")
        await asyncio.sleep(0.1)
        wire.reset()

    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        reply = await fetch(gw.port, "/cut")
        assert (reply.status, reply.complete) == (200, False)
        record = await gw.record("/cut")
        assert record["error"] == "upstream_truncated"
        assert not any("Traceback" in line for line in gw.log)


async def test_an_early_answer_reaches_a_client_that_still_writes(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        head = await wire.head()
        await wire.say(b"HTTP/1.1 413 Too Large\r\ncontent-length: 4\r\n\r\nbi")
        await asyncio.sleep(0.05 if b"/stream" in head else 0)
        await wire.say(b"g}")
        await wire.reader.read()

    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        for target in ("/whole", "/stream", "/a/../refused"):
            async with connect(gw.port) as client:
                client.writer.write(f"POST {target} HTTP/1.1\r\nhost: t\r\ncontent-length: 500000\r\n\r\n".encode())
                for _ in range(50):
                    client.writer.write(b"x" * 10_000)
                    await asyncio.sleep(0.005)
                seen = await client.reader.readuntil(b"}")
                assert seen.startswith(b"HTTP/1.1 400" if "refused" in target else b"HTTP/1.1 413")


async def test_a_kept_connection_that_the_backend_closes_costs_no_get(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"x"))
        await asyncio.sleep(0.01)

    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        async with connect(gw.port) as client:
            for turn in range(60):
                assert (await client.exchange()).status == 200
                await asyncio.sleep(0.008 + turn % 5 / 1000)
        assert backend.connections > 1


async def test_unknown_routes_and_bad_requests_are_problems(tmp_path: Path, server: str) -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        config = to(backend.port, match={"paths": ["/known/*"]})
        async with gateway(tmp_path, config, server) as gw:
            for path, status in {
                "/other": 404,
                "/known/../x": 400,
                "/known/%2e%2e/x": 400,
                "/known/a%2fb": 400,
            }.items():
                reply = await fetch(gw.port, path)
                assert (reply.status, reply.field(b"content-type")) == (status, b"application/problem+json"), path
            assert b"400" in (await raw(gw.port, b"GET /known/x HTTP/1.1\r\nhost: a b\r\n\r\n", 1))[:12]
            assert b"204" in (await raw(gw.port, b"OPTIONS * HTTP/1.1\r\nhost: t\r\n\r\n", 1))[:12]
            assert b"405" in (await raw(gw.port, b"TRACE /known/x HTTP/1.1\r\nhost: t\r\n\r\n", 1))[:12]
            assert (await fetch(gw.port, "//known//x")).status == 200
            assert backend.heads[-1].startswith(b"GET /known/x HTTP/1.1")
        assert len(backend.heads) == 1


async def test_redirects_and_answers_of_the_gateway_itself(tmp_path: Path, server: str) -> None:
    config = {
        "routes": {
            "old": {
                "match": {"paths": ["/old/{id}"]},
                "redirect": {"to": "https://{host}/new/{id}{query}", "status": 301},
            },
            "note": {"match": {"paths": ["/note"]}, "respond": {"status": 418, "body": "tea", "headers": {"X-A": "1"}}},
        }
    }
    async with gateway(tmp_path, config, server) as gw:
        moved = await fetch(gw.port, "/old/7?a=b")
        assert (moved.status, moved.field(b"location")) == (301, b"https://test/new/7?a=b")
        note = await fetch(gw.port, "/note")
        assert (note.status, note.body, note.field(b"x-a")) == (418, b"tea", b"1")
        head = await fetch(gw.port, "/note", "HEAD")
        assert (head.status, head.body, head.field(b"content-length")) == (418, b"", b"3")


async def test_retries_go_to_another_target(tmp_path: Path, server: str) -> None:
    async with raw_backend(keep_answering(ok(b"x"))) as backend:
        service = {"targets": [{"url": "http://127.0.0.1:1"}, {"url": f"http://127.0.0.1:{backend.port}"}]}
        config = {"services": {"s": service}, "routes": {"all": {"service": "s"}}}
        async with gateway(tmp_path, config, server) as gw:
            for _ in range(6):
                assert (await fetch(gw.port, "/", "POST", body=b"abc")).status == 200
            assert {record["attempts"] for record in gw.records()} <= {1, 2}


async def test_http_1_0_clients_get_their_answer(tmp_path: Path, server: str) -> None:
    async def answer(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")

    async with raw_backend(answer) as backend, gateway(tmp_path, to(backend.port), server) as gw:
        seen = await raw(gw.port, b"GET / HTTP/1.0\r\nhost: t\r\n\r\n", 3)
        assert seen.endswith(b"\r\n\r\nhello")
