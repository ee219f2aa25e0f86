"""The ASGI types that the controllers speak. Not a framework."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = dict[str, Any]
"""The specification says a dict; compiled code reads one faster than any mapping."""
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

WHOLE: Final = "gateway.response"
"""An extension of our own server: a message with status, headers and body, which is a whole answer at once."""
REFUSAL: Final = "gateway.refusal"
"""Another: the GatewayError with which a request is to be answered that the server could make no sense of."""
FAILURE: Final = "gateway.failure"
"""Another, in a message that tells of a departure: the GatewayError with which to answer all the same."""
LINGERS: Final = "gateway.lingers"
"""Another: the server itself lets clients that still write read their answer (P-35)."""
DIRECT: Final = "gateway.websocket"
"""An extension of `websocket` scopes: called once the handshake is accepted, it gives the client's side itself, in
place of messages. `websocket.accept` may then have `max_message`, in bytes."""
