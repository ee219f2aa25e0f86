import asyncio
import socket
import ssl
from typing import Any

import pytest

from app.domain.policies.upstream_addresses import UpstreamRules
from app.domain.token_ports import KeysUnavailable
from app.infrastructure.security import jwks_fetcher
from app.infrastructure.security.jwks_fetcher import MOST, JwksFetcher
from tests.backends import Answer, Wire, keep_answering, ok, raw_backend
from tests.certificates import make_ca, make_cert

JSON = b"content-type: application/json"


def anywhere(_: str, __: int) -> str:
    return ""


async def unavailable(url: str, fetch: JwksFetcher | None = None) -> str:
    with pytest.raises(KeysUnavailable) as caught:
        await (fetch or JwksFetcher(anywhere))(url)
    return str(caught.value)


async def refused(answer: Answer | bytes) -> str:
    async with raw_backend(keep_answering(answer) if isinstance(answer, bytes) else answer) as backend:
        return await unavailable(f"http://127.0.0.1:{backend.port}/jwks")


@pytest.mark.parametrize("kind", [b"application/json", b"application/jwk-set+json; charset=utf-8", b"Application/JSON"])
async def test_a_key_set_is_fetched(kind: bytes) -> None:
    async with raw_backend(keep_answering(ok(b'{"keys":[]}', b"content-type: " + kind))) as backend:
        url = f"http://localhost:{backend.port}/a/jwks.json?v=1"
        assert await JwksFetcher(anywhere)(url) == b'{"keys":[]}'
    head = backend.heads[0].lower()
    assert head.startswith(b"get /a/jwks.json?v=1 http/1.1\r\n")
    assert b"host: localhost:%d\r\n" % backend.port in head
    assert b"accept-encoding: identity" in head


async def test_the_server_must_be_who_its_certificate_says(tmp_path: Any) -> None:
    ca = make_ca()
    files = make_cert(ca).write(tmp_path, "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.cert, files.key)
    trusting = ssl.create_default_context(cadata=ca.cert_pem.decode())
    async with raw_backend(keep_answering(ok(b"{}", JSON)), context) as backend:
        assert await JwksFetcher(anywhere, trusting)(f"https://localhost:{backend.port}") == b"{}"
        assert "CERTIFICATE_VERIFY_FAILED" in await unavailable(f"https://localhost:{backend.port}")
        assert await unavailable(f"https://127.0.0.1:{backend.port}", JwksFetcher(anywhere, trusting))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ok(b"<html>", b"content-type: text/html"), "no JSON by its content-type, 'text/html'"),
        (ok(b"{}"), "no JSON by its content-type"),
        (ok(b"x", JSON, b"content-encoding: gzip"), "compressed"),
        (b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", "answers 500"),
        (b"HTTP/1.1 204 No\r\n\r\n", "answers 204"),
        (b"HTTP/1.1 302 No\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", "redirects are not"),
        (b"nonsense\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\nx", ""),
    ],
)
async def test_f34_answers_that_are_no_key_set(answer: bytes, reason: str) -> None:
    async def once(wire: Wire) -> None:
        await wire.head()
        await wire.say(answer)

    assert reason in await refused(once)


async def test_f34_ten_megabytes_are_not_read() -> None:
    sent = 0

    async def pour(wire: Wire) -> None:
        nonlocal sent
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10485760\r\n\r\n")
        for _ in range(160):
            await wire.say(b" " * 65536)
            sent += 65536

    assert f"larger than {MOST}" in await refused(pour)
    assert sent < 10 * 1024 * 1024


async def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks_fetcher, "SECONDS", 0.2)

    async def drip(wire: Wire) -> None:
        await wire.head()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            await wire.say(b" ")
            await asyncio.sleep(0.02)

    assert "took more than 0.2 seconds" in await refused(drip)


async def test_a67_addresses_are_judged_where_a_name_leads() -> None:
    judged: list[tuple[str, int]] = []

    def refuse(address: str, port: int) -> str:
        judged.append((address, port))
        return f"{address} is denied"

    async with raw_backend(keep_answering(ok(b"{}", JSON))) as backend:
        assert "is denied" in await unavailable(f"http://localhost:{backend.port}", JwksFetcher(refuse))
    assert ("127.0.0.1", backend.port) in judged
    assert backend.connections == 0


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "2852039166", "0.0.0.0"])  # noqa: S104
async def test_a67_the_metadata_service_is_not_asked(host: str) -> None:
    assert "GATEWAY_UPSTREAM_ALLOW" in await unavailable(f"http://{host}/", JwksFetcher(UpstreamRules().problem))


async def test_of_several_addresses_one_may_be_down(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_backend(keep_answering(ok(b"{}", JSON))) as backend:

        async def found(*_: object, **__: object) -> list[tuple[object, ...]]:
            addresses = ("127.0.0.2", "127.0.0.3", "127.0.0.1")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, backend.port)) for one in addresses]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
        assert await JwksFetcher(anywhere)(f"http://issuer.test:{backend.port}") == b"{}"


async def test_a_server_that_is_not_there() -> None:
    async with raw_backend(keep_answering(b"")) as backend:
        pass
    assert await unavailable(f"http://127.0.0.1:{backend.port}")


async def test_a_name_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object, **__: object) -> list[object]:
        return []

    async def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "unknown")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", nothing)
    assert "no address" in await unavailable("https://issuer.test")
    monkeypatch.setattr(loop, "getaddrinfo", unknown)
    assert "cannot be resolved" in await unavailable("https://issuer.test")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x", "http://", "http://a:b@c/", "http://x:y/", "jwks"])
async def test_a67_other_urls_are_not_fetched(url: str) -> None:
    assert "URL" in await unavailable(url)
