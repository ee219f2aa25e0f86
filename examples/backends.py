"""Demo backends: they answer with what they received, so that one can see what the gateway sent."""

import json

from starlette.types import Receive, Scope, Send


class JsonBackend:
    """An ASGI application that answers every HTTP request with a JSON description of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "http":
            await self.answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = {
            "backend": self.name,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
            "body": (await read_body(receive)).decode(errors="replace"),
        }
        body = json.dumps(seen, indent=2).encode() + b"\n"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class EchoBackend(JsonBackend):
    """Also accepts WebSockets, and sends back every message."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await echo(receive, send)
        else:
            await super().__call__(scope, receive, send)


async def echo(receive: Receive, send: Send) -> None:
    """Return every message of one WebSocket until the peer closes it."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request; demo requests are small."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def lifespan(receive: Receive, send: Send) -> None:
    """Nothing to prepare and nothing to clean up."""
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
