"""Implementations of the ports for unit tests: in memory, scripted, recording."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from app.application.tools import AddressFile, TokenIssuer, Tools
from app.domain.entities.config import ConfigChange, ConfigError, GatewayConfig
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.request import BodyStream, Client, Request, UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Service, Target, Timeouts
from app.domain.entities.websocket import WebSocketPeer
from app.domain.ports import StoreStatus
from app.infrastructure.config.regex import compile_regex

Script = list[Response | Exception | Callable[[UpstreamRequest], Awaitable[Response]]]


def request(
    path: str = "/", *, method: str = "GET", host: str = "test", headers: Headers | None = None, scheme: str = "http",
    query: str = "", body: bytes | BodyStream = b"", length: int | None = 0,
) -> Request:  # fmt: skip
    """A request from 192.0.2.1."""
    fields = [(b"host", host.encode()), *(headers or [])]
    return Request(
        method=method, scheme=scheme, authority=host, host=host, path=path, query=query, headers=fields,
        fields=dict(fields), client=Client("192.0.2.1", "192.0.2.1"), body=body,
        length=len(body) if isinstance(body, bytes) else length,
    )  # fmt: skip


def exchange(of: Request | None = None) -> Exchange:
    """An exchange that started at 0."""
    return Exchange(
        id="id-1", request=of or request(), started=0.0, traceparent=b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00"
    )


class FakeBody:
    """A ResponseBody of given chunks."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks = list(chunks)
        self.on_close: Callable[[], None] | None = None
        self.trailers: Headers = []
        self.closed = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._chunks:
            await self.aclose()
            raise StopAsyncIteration
        chunk = self._chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    async def aclose(self) -> None:
        self.closed += 1
        callback, self.on_close = self.on_close, None
        if callback is not None:
            callback()


class FakeUpstream:
    """Answers by script; the last line of the script repeats."""

    def __init__(self, address: str, script: Script) -> None:
        self.address = address
        self.script = script
        self.sent: list[UpstreamRequest] = []
        self.hosts: list[bytes] = []
        self.deadlines: list[float] = []
        self.retired = False
        self.is_current = True

    async def send(self, request: UpstreamRequest, timeouts: Timeouts, deadline: float) -> Response:
        self.sent.append(request)
        self.hosts.append(request.headers[0][1])
        self.deadlines.append(deadline)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(line, Exception):
            raise line
        if isinstance(line, Response):
            return Response(line.status, line.headers.copy(), line.body)
        return await line(request)

    async def open_websocket(
        self, request: UpstreamRequest, timeouts: Timeouts, policy: WebSocketPolicy
    ) -> WebSocketPeer | Response:
        return await self.send(request, timeouts, 0.0)

    def current(self) -> bool:
        return self.is_current

    def retire(self) -> None:
        self.retired = True


class FakeTransport:
    """Makes fake upstreams; `scripts` is by url."""

    def __init__(self, scripts: dict[str, Script] | None = None) -> None:
        self.scripts = scripts or {}
        self.refused: set[str] = set()
        self.upstreams: dict[str, FakeUpstream] = {}

    def upstream(self, target: Target, service: Service) -> FakeUpstream:
        if not target.url.startswith("http") or target.url in self.refused:
            raise ValueError(f"{target.url!r} is not a url")
        script = self.scripts.get(target.url, [Response(200, [(b"content-length", b"2")], b"ok")])
        made = self.upstreams[target.url] = FakeUpstream(target.url.split("//")[1], script)
        return made

    async def aclose(self) -> None:
        return


class FakeRepository:
    """Holds what the next `load` gives; `push` tells followers that it changed, `change` what did."""

    def __init__(self, config: GatewayConfig | ConfigError) -> None:
        self.config = config
        self.adopted: GatewayConfig | None = None
        self._changes: asyncio.Queue[ConfigChange | None] = asyncio.Queue()

    async def load(self) -> GatewayConfig:
        if isinstance(self.config, ConfigError):
            raise self.config
        return self.config

    def push(self, config: GatewayConfig | ConfigError) -> None:
        self.config = config
        self._changes.put_nowait(None)

    def change(self, change: ConfigChange) -> None:
        self._changes.put_nowait(change)

    async def changes(self) -> AsyncGenerator[ConfigChange | None, None]:
        while True:
            yield await self._changes.get()

    def adopt(self, config: GatewayConfig) -> None:
        self.adopted = config

    async def aclose(self) -> None:
        return

    def status(self) -> StoreStatus:
        return StoreStatus()


class FakeLastKnownGood:
    """Keeps one configuration in memory."""

    def __init__(self, kept: GatewayConfig | None = None) -> None:
        self.kept = kept

    def save(self, config: GatewayConfig) -> None:
        self.kept = config

    def load(self) -> GatewayConfig | None:
        return self.kept


class RecordedEvents:
    """Keeps every event."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, object]]] = []

    def info(self, message: str, **fields: object) -> None:
        self.seen.append(("info", message, fields))

    def warning(self, message: str, **fields: object) -> None:
        self.seen.append(("warning", message, fields))

    def error(self, message: str, **fields: object) -> None:
        self.seen.append(("error", message, fields))


class RecordedAccess:
    """Keeps every access record."""

    def __init__(self) -> None:
        self.seen: list[tuple[Exchange, int, int, int]] = []

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        self.seen.append((exchange, status, sent, received))

    def close(self) -> None:
        return


class Nobody:
    """Consumers, issuers, failures and countries of a gateway that knows none."""

    version = 0

    def by_key(self, digest: str) -> None:
        return None

    def by_name(self, username: str) -> None:
        return None

    def by_signature_key(self, keyid: str) -> None:
        return None

    def by_certificate(self, sha256: str, subject: str, dns: tuple[str, ...]) -> None:
        return None

    def by_subject(self, issuer: str, subject: str) -> None:
        return None

    def issuer(self, id_: str) -> TokenIssuer:
        raise AssertionError(f"nobody asked for issuer {id_}")

    def check(self, address: str) -> None:
        """Everybody may try."""

    def failed(self, address: str) -> None:
        """Nobody remembers."""

    def verify(self, *_: object) -> bool:
        return False

    def take(self, keyid: str, nonce: str, seconds: float) -> bool:
        return True

    def certificate(self, der: bytes) -> None:
        return None

    def redact(self, name: str) -> None:
        """Nothing is logged."""

    def country(self, address: str) -> str:
        return ""

    def needed(self) -> None:
        """There is nothing to open."""

    def acquire(self, key: bytes, most: int) -> bool:
        return True

    def release(self, key: bytes) -> None:
        """Nothing was taken."""


def _no_file(path: str) -> AddressFile:
    raise ValueError(f"{path} does not exist")


def tools(**given: object) -> Tools:
    """Tools of a gateway that knows nobody and limits nothing, but for those given by name."""
    nobody = Nobody()
    return Tools(
        issuers=nobody, consumers=nobody, failures=nobody, passwords=nobody, signature_keys=nobody, nonces=nobody,
        certificate=nobody.certificate, redact=nobody.redact, counters={}, slots=nobody, countries=nobody,
        address_file=_no_file, compile_regex=compile_regex, clock=lambda: 0.0, wall=lambda: 0.0,
    )._replace(**given)  # type: ignore[arg-type]  # the tests' own values  # fmt: skip
