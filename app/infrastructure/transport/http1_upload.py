"""Sends the body of a request to a target, with backpressure from its socket. Not for bodies that are already here."""

import asyncio
from collections.abc import Callable

from app.domain.entities.request import BodyStream
from app.domain.errors import DownstreamError, GatewayError


class Upload:
    """Pumps one BodyStream into a transport in a task of its own, so that an early answer is seen at once (P-34).

    Nothing is late here: waiting for the client is the stream's matter, waiting for the target the connection's.
    """

    def __init__(self, transport: asyncio.WriteTransport, ended: Callable[["Upload"], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._ended = ended
        self._gate: asyncio.Future[None] | None = None
        self.blocked = False
        """Whether the target takes no more for now."""
        self._task: asyncio.Task[None] | None = None
        self.done = False
        self.error: GatewayError | None = None
        """Why the request is incomplete; as a rule the client's doing."""

    def start(self, body: BodyStream, length: int | None) -> None:
        """Begin to pump; `ended` is called when all is sent or the stream failed, not after `cancel`."""
        self._task = self._loop.create_task(self._run(body, length))

    def cancel(self) -> None:
        """Send no more."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def block(self) -> None:
        """The socket takes no more for now."""
        self.blocked = True

    def unblock(self) -> None:
        """The socket takes more."""
        self.blocked = False
        if self._gate is not None and not self._gate.done():
            self._gate.set_result(None)

    async def _run(self, body: BodyStream, length: int | None) -> None:
        try:
            await self._pump(body, length)
            self.done = True
        except GatewayError as error:
            self.error = error
        except Exception as error:  # whatever a server's `receive` raises must end the exchange, which waits for us
            self.error = GatewayError(f"reading the request body failed: {type(error).__name__}: {error}", close=True)
        except BaseException:
            await body.aclose()
            raise
        await body.aclose()
        self._ended(self)

    async def _pump(self, body: BodyStream, length: int | None) -> None:
        sent = 0
        async for chunk in body:
            if not chunk:
                continue
            sent += len(chunk)
            if length is None:
                self._transport.writelines((b"%x\r\n" % len(chunk), chunk, b"\r\n"))
            elif sent > length:
                break
            else:
                self._transport.write(chunk)
            if self.blocked:
                self._gate = self._loop.create_future()
                await self._gate
        if length is None:
            self._transport.write(b"0\r\n\r\n")
        elif sent != length:
            raise DownstreamError(
                f"the request body has {sent} bytes where content-length says {length}", code="bad_body", close=True
            )
