"""Opens WebSockets to targets. Not for messages (wire/websocket_link), nor for what may cross (the tunnel)."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from app.domain.entities.request import UpstreamRequest
from app.domain.entities.response import Response
from app.domain.entities.route import WebSocketPolicy
from app.domain.entities.service import Timeouts
from app.domain.errors import GatewayError, ResponseTimeout, UpstreamReset
from app.infrastructure.transport.websocket_handshake import HandshakeReader, Offer, check_acceptance, offer, visible
from app.infrastructure.wire.websocket_link import WebSocketLink

P = TypeVar("P", bound=asyncio.Protocol)


class Dials(Protocol):
    """What opens the connection: the target's dialer."""

    async def dial(self, make: Callable[[], P], seconds: float, deadline: float, /) -> P:
        """A connected protocol. Raises ConnectFailed, ConnectTimeout."""
        ...


async def open_websocket(
    dialer: Dials, request: UpstreamRequest, timeouts: Timeouts, policy: WebSocketPolicy, head_limit: int
) -> WebSocketLink | Response:
    """Dial, make the opening handshake, and return the open WebSocket, or the refusal of the target.

    The whole answer must be here within `timeouts.response`. Raises ConnectFailed, ConnectTimeout, ResponseTimeout,
    UpstreamReset, MalformedResponse; DownstreamError when a field of `request` holds control characters.
    """
    asked = offer(request)
    handshake = await dialer.dial(lambda: _Handshake(asked, policy, head_limit), timeouts.connect, 0.0)
    try:
        async with asyncio.timeout(timeouts.response):
            return await handshake.answer
    except TimeoutError:
        handshake.abort()
        if handshake.refused:
            return handshake.refusal()
        raise ResponseTimeout(f"the target did not answer the handshake within {timeouts.response:g} s") from None
    except BaseException:
        handshake.abort()
        raise


class _Handshake(asyncio.Protocol):
    """Sends the request, reads the answer and hands the connection to the peer."""

    def __init__(self, offer: Offer, policy: WebSocketPolicy, head_limit: int) -> None:
        self._offer = offer
        self._policy = policy
        self._reader = HandshakeReader(head_limit)
        self._transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[WebSocketLink | Response] = asyncio.get_running_loop().create_future()

    @property
    def refused(self) -> bool:
        """Whether the head of a refusal is here."""
        return self._reader.head_done

    def refusal(self) -> Response:
        """What is here of the refusal."""
        return self._reader.refusal()

    def abort(self) -> None:
        """Give up; nobody will look at the answer."""
        if not self.answer.cancel() and not self.answer.cancelled():
            self.answer.exception()  # looked at, so that the loop does not complain of it
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are, but do not say so
        self._transport.write(self._offer.head)

    def data_received(self, data: bytes) -> None:
        if self.answer.done():
            return
        try:
            self._reader.feed(data)
            if self._reader.switched:
                self._switch()
            elif self._reader.complete:
                self._settle(self._reader.refusal())
        except GatewayError as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self._reader.end()
        if self._reader.head_done:
            self._settle(self._reader.refusal())
        else:
            self._fail(UpstreamReset("the target closed the connection before it answered the handshake"))

    def _switch(self) -> None:
        assert self._transport is not None  # noqa: S101  # bytes came through it
        _, headers = self._reader.interim[-1]
        subprotocol = check_acceptance(headers, self._offer)
        peer = WebSocketLink(self._transport, self._policy.max_message, self._policy.ping, client=True)
        peer.subprotocol = subprotocol
        peer.headers = visible(headers)
        peer.start(self._reader.rest)
        self.answer.set_result(peer)

    def _settle(self, response: Response) -> None:
        self.answer.set_result(response)
        assert self._transport is not None  # noqa: S101  # bytes came through it
        self._transport.abort()

    def _fail(self, error: GatewayError) -> None:
        self.answer.set_exception(error)
        if self._transport is not None:
            self._transport.abort()
