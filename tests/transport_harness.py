"""A pool of real connections to a raw backend, without names or TLS."""

import asyncio
from collections.abc import AsyncIterator

from app.domain.entities.request import BodyStream, UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.service import Breaker, KeepAlive, Timeouts
from app.domain.entities.units import Duration
from app.domain.errors import ConnectFailed, GatewayError
from app.infrastructure.transport.http1_connection import Http1Connection
from app.infrastructure.transport.http1_head import request_head
from app.infrastructure.transport.pool import Pool
from app.infrastructure.wire.sweeper import Sweeper


def timeouts(**seconds: float) -> Timeouts:
    """Timeouts in seconds, defaults for the rest."""
    return Timeouts(**{name: Duration(value) for name, value in seconds.items()})


def get(
    target: str = "/", method: str = "GET", body: bytes | BodyStream = b"", length: int | None = 0
) -> UpstreamRequest:
    """A request as the forwarder makes it."""
    if isinstance(body, bytes):
        length = len(body)
    return UpstreamRequest(method, target, [(b"host", b"test")], body, length)


class Dialled:
    """A pool whose connections go to one port."""

    def __init__(self, port: int, keep_alive: KeepAlive = KeepAlive(), breaker: Breaker = Breaker()) -> None:
        self.port = port
        self.sweeper = Sweeper(asyncio.get_running_loop())
        self.pool = Pool(self._open, keep_alive, breaker, lambda: None)
        self.dials = 0

    async def _open(self, timeouts: Timeouts, deadline: float) -> Http1Connection:
        self.dials += 1
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                lambda: Http1Connection(self.sweeper, 32768, self.pool.free, self.pool.lost), "127.0.0.1", self.port
            )
        except OSError as error:
            raise ConnectFailed(str(error)) from None
        return connection

    async def send(self, request: UpstreamRequest, limits: Timeouts = Timeouts(), deadline: float = 0.0) -> Response:
        """One exchange on a connection of the pool."""
        connection = self.pool.take() or await self.pool.acquire(limits, deadline)
        return await connection.send(request_head(request), request, limits, deadline)


async def content(response: Response) -> bytes:
    """The whole body."""
    if isinstance(response.body, bytes):
        return response.body
    return b"".join([chunk async for chunk in response.body])


class Parts:
    """A BodyStream of given parts; an error among them is raised, `asyncio.Event`s are waited for."""

    def __init__(self, *parts: bytes | GatewayError | asyncio.Event) -> None:
        self._parts = list(parts)
        self.closed = 0

    @property
    def ended(self) -> bool:
        return not self._parts

    def limit_to(self, most: int) -> None:
        raise AssertionError("nothing here limits bodies")

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while self._parts:
            part = self._parts.pop(0)
            if isinstance(part, asyncio.Event):
                await part.wait()
            elif isinstance(part, GatewayError):
                raise part
            else:
                return part
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed += 1
