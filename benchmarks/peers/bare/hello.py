"""The smallest ASGI application: what a server costs by itself. 116 bytes of JSON, as the backend answers."""

from collections.abc import Awaitable, Callable
from typing import Any

BODY = (
    b'{"message": "hello from the backend of the benchmark, which says the same to everybody who asks for it", '
    b'"n": 12345}'
)
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
}
ANSWER = {"type": "http.response.body", "body": BODY}


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer every request; say yes to the server's start and stop."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send(START)
    await send(ANSWER)
