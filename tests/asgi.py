"""The server's side of ASGI, scripted: what an application receives and what it sent."""

import asyncio

from app.interfaces.asgi import Message, Scope


def http_scope(
    path: bytes = b"/", *, method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None, query: bytes = b"",
    version: str = "1.1", peer: str = "192.0.2.1", extensions: dict[str, object] | None = None,
) -> Scope:  # fmt: skip
    """A scope as servers make it; Host is `test` unless the fields have one."""
    fields = headers or []
    if not any(name == b"host" for name, _ in fields):
        fields = [(b"host", b"test"), *fields]
    return {
        "type": "http", "http_version": version, "method": method, "scheme": "http", "path": path.decode("latin-1"),
        "raw_path": path, "query_string": query, "headers": fields, "client": (peer, 4711), "server": ("127.0.0.1", 80),
        "extensions": extensions or {},
    }  # fmt: skip


class Server:
    """Give it what the client says; then call an application with `receive` and `send`."""

    def __init__(self, *messages: Message) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        for message in messages:
            self._messages.put_nowait(message)
        self.sent: list[Message] = []
        self.gate: asyncio.Event | None = None
        """Set it to make `send` wait, as a server does whose client is slow."""

    def push(self, message: Message) -> None:
        """Something more from the client."""
        self._messages.put_nowait(message)

    def leave(self) -> None:
        """The client goes away."""
        self.push({"type": "http.disconnect"})

    async def receive(self) -> Message:
        return await self._messages.get()

    async def send(self, message: Message) -> None:
        if self.gate is not None:
            await self.gate.wait()
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Status of the head that was sent."""
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        """Fields of the head that was sent."""
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        """All of the body that was sent."""
        return b"".join(message["body"] for message in self.sent if message["type"] == "http.response.body")

    @property
    def ended(self) -> bool:
        """Whether the answer was ended cleanly."""
        return bool(self.sent) and self.sent[-1].get("more_body") is False


def part(body: bytes, *, more: bool = False) -> Message:
    """A piece of a request body."""
    return {"type": "http.request", "body": body, "more_body": more}
