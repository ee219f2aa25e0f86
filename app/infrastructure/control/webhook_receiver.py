"""One receiver of outgoing webhooks: what waits for it, in order, and the attempts. Not for what is sent."""

import asyncio
from typing import Final

import httpx
import msgspec

from app.domain.policies.webhook_signatures import DELIVERY, SIGNATURE, TIMESTAMP, signed
from app.domain.ports import Clock, Events
from app.infrastructure.control.webhook_messages import Message

QUEUED: Final = 1000
"""Messages that may wait; later ones are dropped."""

_TRY_AGAIN: Final = frozenset({408, 425, 429})


class Delivery(msgspec.Struct, frozen=True):
    """How messages are delivered."""

    secret: str
    """Key of the signatures."""
    seconds: float = 10.0
    """For one attempt."""
    retries: tuple[float, ...] = (1.0, 5.0, 25.0)
    """Seconds before each further attempt."""


class Receiver:
    """Takes messages at once, and delivers them one after the other."""

    def __init__(self, url: str, delivery: Delivery, clock: Clock, events: Events) -> None:
        """`clock` tells seconds since 1970. Raises ValueError for a URL that cannot be used, or without a secret."""
        if not delivery.secret:
            raise ValueError("expected a secret: what is not signed, no receiver can believe")
        self.shown = _shown(url)
        self._url = url
        self._delivery = delivery
        self._clock = clock
        self._events = events
        self._waiting: asyncio.Queue[Message | None] = asyncio.Queue()
        self._closing = asyncio.Event()
        self._full = False
        self.dropped = 0
        """Messages that it did not get: too many waited, or every attempt failed."""

    def put(self, message: Message) -> None:
        """Take a message, or drop it when too many wait; the first of those in a row is told."""
        if self._waiting.qsize() < QUEUED:
            self._full = False
            self._waiting.put_nowait(message)
            return
        self.dropped += 1
        if not self._full:
            self._full = True
            self._events.warning("webhooks are dropped: too many wait", url=self.shown, waiting=QUEUED)

    def close(self) -> None:
        """Send what waits, once each, then end `run`."""
        self._closing.set()
        self._waiting.put_nowait(None)

    async def run(self, client: httpx.AsyncClient) -> None:
        """Deliver until `close`."""
        while (message := await self._waiting.get()) is not None:
            problem = await self._deliver(client, message)
            if problem:
                self.dropped += 1
                self._events.warning("a webhook was not delivered", url=self.shown, delivery=message.id, reason=problem)

    async def _deliver(self, client: httpx.AsyncClient, message: Message) -> str:
        """Why it was not delivered, empty when it was."""
        waits = iter(self._delivery.retries)
        while True:
            problem, again = await self._attempt(client, message)
            wait = next(waits, None) if again else None
            if wait is None or not await self._pause(wait):
                return problem

    async def _attempt(self, client: httpx.AsyncClient, message: Message) -> tuple[str, bool]:
        """What went wrong, and whether another attempt may help. Each attempt is signed with its own time."""
        seconds, timestamp = self._delivery.seconds, str(int(self._clock()))
        headers = {
            "content-type": "application/json",
            "user-agent": "api-gateway",
            DELIVERY: message.id,
            TIMESTAMP: timestamp,
            SIGNATURE: signed(self._delivery.secret, timestamp, message.body),
        }
        try:
            async with asyncio.timeout(seconds):
                # What the receiver writes beside its status is not read.
                async with client.stream("POST", self._url, content=message.body, headers=headers) as response:
                    status = response.status_code
        except TimeoutError:
            return f"no answer within {seconds:g} seconds", True
        except httpx.HTTPError as error:
            return str(error) or type(error).__name__, True
        return ("", False) if 200 <= status < 300 else (f"answers {status}", status >= 500 or status in _TRY_AGAIN)

    async def _pause(self, seconds: float) -> bool:
        """Wait; false when it is time to end instead."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return True
        return False


def _shown(url: str) -> str:
    """For the log: receivers such as chats have their secret in the path or the query."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise ValueError("expected a URL of http or https")
    return f"{parts.scheme}://{parts.netloc.decode()}/…"
