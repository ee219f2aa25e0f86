"""A gateway over TLS with a route for each guard, and the service behind it. Not for what is tried there."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.backends import RawBackend, Wire, raw_backend
from tests.certificates import make_ca, make_cert
from tests.clients import Connection, Reply, connect
from tests.geo_database import country, write_database
from tests.integration.gateway_process import GatewayProcess, gateway

APP: Final = "https://app.example.com"
EVIL: Final = "https://evil.example"
GERMAN, RUSSIAN, NOWHERE = "203.0.113.9", "198.51.100.9", "192.0.2.9"
LISTED: Final = "192.0.2.66"
"""In the file of addresses."""
LIMIT: Final = 64 * 1024
"""Bytes of a body on `/limit`."""
BOMB: Final = bytes(32 * 1024 * 1024)

_CORS: Final = {"origins": [APP, "https://*.example.org"], "credentials": True, "expose": ["x-total"]}


def routes(url: str, listed: Path) -> dict[str, Any]:
    """By first segment of their path."""
    guards: dict[str, list[dict[str, Any]]] = {
        "plain": [],
        "de": [{"access": {"allow": {"countries": ["DE"]}}}],
        "not-ru": [{"access": {"deny": {"countries": ["RU"]}}}],
        "known": [{"access": {"deny": {"countries": ["unknown"]}}}],
        "listed": [{"access": {"deny": {"address_files": [str(listed)]}}}],
        "named": [{"cors": _CORS}, {"access": {"allow": {"groups": ["partners"]}}}],
        "cors": [{"cors": _CORS}, {"methods": {"allow": ["GET", "PUT"]}}],
        "limit": [{"body_limit": {"max": f"{LIMIT}B"}}],
        "fields": [{"request_limits": {"max_fields": 8, "max_field_bytes": "1KiB", "max_query_parameters": 3}}],
        "json": [{"content_types": {"allow": ["application/json"]}}],
        "bots": [{"bots": {"deny": ["~(?i)evilbot"], "empty": "deny"}}],
        "csrf": [{"csrf": {"origins": [APP]}}],
        "safe": [{"security_headers": {}}, {"methods": {"allow": ["GET"]}}],
    }
    made: dict[str, Any] = {
        name: {"match": {"paths": [f"/{name}/*"]}, "url": url, "filters": filters} for name, filters in guards.items()
    }
    made["cors"]["match"]["methods"] = ["GET", "PUT"]
    made["other-options"] = {
        "match": {"paths": ["/cors/*"], "methods": ["OPTIONS"]}, "respond": {"status": 200, "body": "options"},
    }  # fmt: skip
    return {"routes": made}


class Site:
    """What the tests talk to."""

    def __init__(self, gw: GatewayProcess, backend: RawBackend, ca: str, directory: Path) -> None:
        self.gw = gw
        self.backend = backend
        self.ca = ca
        self.listed = directory / "listed.txt"
        self.database = directory / "countries.mmdb"
        self._context = ssl.create_default_context(cafile=ca)
        self._context.set_alpn_protocols(["http/1.1"])

    @asynccontextmanager
    async def connection(self, source: str = "127.0.0.1") -> AsyncIterator[Connection]:
        """HTTP/1.1 over TLS. Of loopback addresses, only the first is a trusted proxy."""
        async with asyncio.timeout(20), connect(self.gw.port, self._context, source) as client:
            yield client

    async def ask(
        self, target: str, method: str = "GET", *headers: tuple[str, str], body: bytes = b"", source: str = GERMAN
    ) -> Reply:
        """One exchange of a client at `source`: we are a trusted proxy."""
        async with self.connection() as client:
            return await client.exchange(method, target, [*headers, ("x-forwarded-for", source)], body)

    async def status(self, target: str, source: str) -> int:
        """The status that a client at `source` gets."""
        return (await self.ask(target, source=source)).status

    async def say(self, data: bytes) -> bytes:
        """Raw bytes; all that comes back until the connection closes, or for a second."""
        async with self.connection() as client:
            client.writer.write(data)
            seen = b""
            try:
                async with asyncio.timeout(1):
                    while chunk := await client.reader.read(65536):
                        seen += chunk
            except (TimeoutError, ConnectionError, ssl.SSLError):
                return seen
            return seen

    def save_listed(self, text: str) -> None:
        """Replace the file of addresses."""
        new = self.listed.with_suffix(".new")
        new.write_text(text)
        new.rename(self.listed)

    async def until(self, target: str, source: str, status: int) -> None:
        """Wait until a client at `source` gets `status`."""
        async with asyncio.timeout(15):
            while await self.status(target, source) != status:  # noqa: ASYNC110  # the gateway sets no event of ours
                await asyncio.sleep(0.1)


async def _serve(wire: Wire) -> None:
    """Whole requests are recorded; a bomb is answered where one is asked for."""
    while True:
        head, body = await wire.request()
        fields = b"server: nginx/1.2\r\naccess-control-allow-origin: *\r\nx-total: 7\r\n"
        if b"/bomb" in head.split(b"\r\n")[0]:
            fields += b"content-encoding: gzip\r\n"
        else:
            body = b"served"
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%b\r\n" % (len(body), fields) + body)


@asynccontextmanager
async def site(server: str, directory: Path) -> AsyncIterator[Site]:
    """The gateway under one of the servers."""
    authority = make_ca()
    ca = authority.write(directory, "ca").cert
    pair = make_cert(authority).write(directory, "gateway")
    write_database(directory / "countries.mmdb", {f"{GERMAN}/32": country("DE"), f"{RUSSIAN}/32": country("RU")})
    (directory / "listed.txt").write_text(f"# bad\n{LISTED}\n")
    async with raw_backend(_serve) as backend:
        config = json.dumps(routes(f"http://127.0.0.1:{backend.port}", directory / "listed.txt"))
        running = gateway(
            directory, config, server, tls_cert=pair.cert, tls_key=pair.key, trusted_proxies="127.0.0.1",
            geo_database=str(directory / "countries.mmdb"),
        )  # fmt: skip
        async with running as gw:
            yield Site(gw, backend, ca, directory)
