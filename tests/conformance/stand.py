"""A gateway with its recorder, and raw clients that tell what they saw. Not for what is right: the cases say that."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from tests.backends import Answer
from tests.certificates import make_ca, make_cert
from tests.clients import connect
from tests.conformance.recorder import Recorder, recorder
from tests.integration.gateway_process import GatewayProcess, gateway

HOSTS = ["test", "*.test"]
TRUSTED = "127.0.0.2"
"""The address of the trusted proxy."""
NO_PROXY = "http://127.0.0.1:1"


class Said(NamedTuple):
    """All that came back on a connection."""

    data: bytes
    closed: bool
    """Whether the gateway ended the connection."""

    @property
    def status(self) -> int:
        """Of the first answer; 0 when there is none."""
        line = self.data.split(b"\r\n", 1)[0].split(b" ")
        return int(line[1]) if len(line) > 1 else 0

    @property
    def answers(self) -> int:
        """How many there are; interim ones count."""
        return self.data.count(b"HTTP/1.1 ") + self.data.count(b"HTTP/1.0 ")

    @property
    def head(self) -> bytes:
        """Head of the first answer."""
        return self.data.split(b"\r\n\r\n", 1)[0]

    @property
    def body(self) -> bytes:
        """What follows the head, with its framing."""
        return self.data.partition(b"\r\n\r\n")[2]

    def field(self, name: str) -> list[str]:
        """Every value of a field of the first answer, in order."""
        lines = [line.partition(b":") for line in self.head.split(b"\r\n")[1:]]
        return [value.strip().decode("latin-1") for key, _, value in lines if key.decode("latin-1").lower() == name]


class Stand:
    """What a case works with."""

    def __init__(
        self, server: str, gateway: GatewayProcess, backend: Recorder, secure: GatewayProcess, authority: str
    ) -> None:
        self.server = server
        self.gateway = gateway
        self.backend = backend
        self.secure = secure
        """The same gateway behind TLS, which HTTP/2 needs under Granian."""
        self.authority = authority
        """File with the certificate of who signed that of `secure`."""

    @property
    def log(self) -> list[str]:
        """What both gateways wrote on standard error."""
        return self.gateway.log + self.secure.log

    async def talk(
        self, *parts: bytes, seconds: float = 5.0, source: str = "", until: bytes = b"", pause: float = 0.02
    ) -> Said:
        """Send `parts`, a moment apart; what came until the close, `until` was seen, or `seconds` have passed."""
        seen = b""
        async with connect(self.gateway.port, source=source) as client:
            try:
                async with asyncio.timeout(seconds):
                    for part in parts:
                        client.writer.write(part)
                        await asyncio.sleep(pause if len(parts) > 1 else 0)
                    while chunk := await client.reader.read(65536):
                        seen += chunk
                        if until and until in seen:
                            return Said(seen, False)
            except TimeoutError:
                return Said(seen, False)
            except ConnectionError:
                return Said(seen, True)
        return Said(seen, True)

    async def get(self, target: str, *fields: str, method: str = "GET", source: str = "") -> Said:
        """One bodiless request, after which the connection is closed."""
        return await self.talk(request(f"{method} {target}", *fields, "Connection: close"), source=source)

    async def ask(self, target: str, answer: bytes | Answer, *fields: str, method: str = "GET") -> Said:
        """The same, for a path of its own to which the backend gives `answer`: bytes after which it closes, or more."""
        self.backend.answers[target.split("?")[0]] = answer if callable(answer) else _once(answer)
        return await self.get(target, *fields, method=method)

    def upstream(self, target: str) -> dict[str, list[str]]:
        """The fields of the one request that the backend got for `target`."""
        [head] = [head for head in self.backend.heads if head.split(b" ")[1] == target.encode()]
        fields: dict[str, list[str]] = {}
        for line in head.decode("latin-1").split("\r\n")[1:-2]:
            name, _, value = line.partition(": ")
            fields.setdefault(name, []).append(value)
        return fields


def request(line: str, *fields: str, host: str = "test", body: bytes = b"", version: str = "1.1") -> bytes:
    """The bytes of a request; `Host` comes first unless `host` is empty, framing is up to `fields`."""
    lines = [f"{line} HTTP/{version}", *([f"Host: {host}"] if host else []), *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _once(answer: bytes) -> Answer:
    async def say(wire: Any) -> None:
        await wire.request()
        await wire.say(answer)
        wire.writer.close()

    return say


def configuration(port: int) -> dict[str, Any]:
    """The routes of a stand: whatever has no route of its own goes to the backend as it came."""
    url = f"http://127.0.0.1:{port}"
    routes: dict[str, dict[str, Any]] = {
        "all": {"url": url},
        "strip": {"url": url, "paths": ["/api/*"], "rewrite": {"strip_prefix": "/api"}},
        "target": {"url": url, "paths": ["/host-target"], "rewrite": {"host": "target"}},
        "slashes": {"url": url, "paths": ["/slashes/*"], "encoded_slashes": "keep"},
        "hasty": {"url": url, "paths": ["/hasty/*"], "timeouts": {"response": "300ms", "idle": "300ms"}},
        "total": {"url": url, "paths": ["/total/*"], "timeouts": {"total": "300ms"}},
        "nobody": {"url": "http://127.0.0.1:1", "paths": ["/nobody"]},
        "small": {"url": url, "paths": ["/small/*"], "websocket": {"max_message": "1KiB"}},
        "large": {"url": url, "paths": ["/large/*"], "websocket": {"max_message": "16MiB"}},
        "still": {"url": url, "paths": ["/still/*"], "websocket": {"idle": "300ms"}},
        "private": {"respond": {"status": 403}, "paths": ["/private/*"]},
    }
    for route in routes.values():
        route["match"] = {"hosts": HOSTS, "paths": route.pop("paths", [])}
    return {"routes": routes}


@asynccontextmanager
async def stand(server: str, folder: Path) -> AsyncIterator[Stand]:
    """A gateway under `server`. Proxy variables point nowhere, so that whoever heeds them fails (P-16)."""
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"), NO_PROXY)
    settings: Any = {
        "trusted_proxies": f"{TRUSTED}/32", "head_timeout": "7s", "body_idle": "500ms", "max_message": "16MiB",
    }  # fmt: skip
    authority = make_ca()
    trust, pair = authority.write(folder, "ca").cert, make_cert(authority).write(folder, "gateway")
    tls: Any = {"tls_cert": pair.cert, "tls_key": pair.key}
    (folder / "tls").mkdir()
    async with recorder() as backend:
        with mock.patch.dict(os.environ, proxies):
            config = configuration(backend.port)
            async with (
                gateway(folder, config, server, **settings) as running,
                gateway(folder / "tls", config, server, **settings, **tls) as secure,
            ):
                yield Stand(server, running, backend, secure, trust)


def tracebacks(log: Sequence[str]) -> list[str]:
    """Lines of a log that begin a traceback."""
    return [line for line in log if "Traceback" in line]
