"""One exchange as ASGI sees it: `send`, and the task of the application. Not for how HTTP is written.

A subclass for each version of HTTP writes. What never waits returns the future that is always done.
"""

import asyncio
from typing import Final

from app.domain.entities.headers import Headers
from app.domain.errors import ClientGone
from app.infrastructure.downstream.inbox import FAILURE, GONE, Inbox
from app.infrastructure.downstream.site import Message, Scope, Site

__all__ = ["APPLICATION_FAILED", "FAILURE", "GONE", "LINGERS", "REFUSAL", "WHOLE", "Cycle"]

WHOLE: Final = "gateway.response"
"""An extension of ASGI: a message with `status`, `headers` and `body`, which is a whole answer at once."""
REFUSAL: Final = "gateway.refusal"
"""An extension of ASGI: the GatewayError of a request that the server could not make sense of. It is to be answered
with that error, and is in the scope so that the answer has the shape, and the record, of every other one."""
APPLICATION_FAILED: Final = "the application failed"
"""What an event loop's handler of exceptions hears of one that the application did not catch."""
LINGERS: Final = "gateway.lingers"
"""An extension of ASGI: the server lets clients that still write read their answer (P-35)."""


class Cycle(Inbox):
    """`run` starts it, `over` is called when the application has returned, however it did."""

    __slots__ = ("_start", "_task", "gone", "head_sent", "trailers")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._task: asyncio.Task[None] | None = None
        self._start: Message | None = None
        self.trailers = False
        """Whether fields follow the body. Known when the body ends: an application may change its mind until then."""
        self.head_sent = False
        self.gone = False
        """Whether nobody is there any more to answer to."""

    # What a subclass does.

    def write_head(self, status: int, headers: Headers) -> None:
        """Write the head of an answer whose body follows."""
        raise NotImplementedError

    def write_body(self, data: bytes, *, more: bool) -> None:
        """Write a part of the body; without `more` it is the last, and ends the answer unless `trailers` follow.

        If it does, this sets `complete`."""
        raise NotImplementedError

    def write_whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Write a whole answer at once."""
        raise NotImplementedError

    def write_trailers(self, headers: Headers) -> None:
        """Write the fields after the body, which end the answer."""
        raise NotImplementedError

    def write_hints(self, links: Headers) -> None:
        """Write a 103 (RFC 8297)."""
        raise NotImplementedError

    def room(self) -> "asyncio.Future[None] | None":
        """Done when the client takes more; None when it does already."""
        raise NotImplementedError

    def over(self) -> None:
        """The application is done. An answer that is not `complete` is broken off, never ended cleanly (P-24)."""
        raise NotImplementedError

    # What a connection calls.

    def run(self, scope: Scope) -> None:
        """Start the application."""
        self._site.running += 1
        self._task = self._site.loop.create_task(self._serve(scope))

    def cancel(self) -> None:
        """End the application: there is no time left."""
        if self._task is not None:
            self._task.cancel()

    def leave(self) -> None:
        """The client is gone: the application learns of it from `receive`, and what it sends goes nowhere."""
        self.gone = True
        self.depart()

    # What the application calls.

    def send(self, message: Message) -> "asyncio.Future[None]":
        """Take a message for the client. Raises RuntimeError for one that may not come now, ClientGone for all but the
        first to one that is gone, and ValueError for fields that cannot be sent: then nothing was."""
        kind = message["type"]
        if self.complete:
            raise RuntimeError(f"{kind} after the answer was complete")
        if self.gone:
            self._send_to_nobody()
            return self._site.done
        if kind == "http.response.body":
            self._send_body(message)
        elif kind == WHOLE:
            self._send_whole(message)
        elif kind == "http.response.start":
            self._send_start(message)
        elif kind == "http.response.trailers":
            self.complete = True
            self.write_trailers(list(message["headers"]))
        elif kind == "http.response.early_hint":
            self.write_hints([(b"link", bytes(link)) for link in message["links"]])
        else:
            raise RuntimeError(f"{kind} is no message of an exchange")
        return self.room() or self._site.done

    def _send_to_nobody(self) -> None:
        # An application that nobody stops would go on for ever: a stream has no end of its own (P-36).
        if self.head_sent:
            raise ClientGone("the client left before its answer was complete")
        self.head_sent = True

    def _send_whole(self, message: Message) -> None:
        if self.head_sent:
            raise RuntimeError("the answer has begun already")
        self.head_sent = self.complete = True
        try:
            self.write_whole(message["status"], message["headers"], message["body"])
        except ValueError:
            self.head_sent = self.complete = False
            raise

    def _send_start(self, message: Message) -> None:
        if self.head_sent:
            raise RuntimeError("the answer has begun already")
        self.head_sent = True
        self._start = message
        try:
            self.write_head(message["status"], list(message["headers"]))
        except ValueError:
            self.head_sent = False
            raise

    def _send_body(self, message: Message) -> None:
        if not self.head_sent:
            raise RuntimeError("a body before its head")
        more: bool = message.get("more_body", False)
        if not more and self._start is not None:
            self.trailers = bool(self._start.get("trailers"))
        self.write_body(message.get("body", b""), more=more)

    async def _serve(self, scope: Scope) -> None:
        try:
            await self._site.app(scope, self.receive, self.send)
        except (asyncio.CancelledError, ClientGone):
            pass
        except Exception as error:
            self._site.loop.call_exception_handler({"message": APPLICATION_FAILED, "exception": error})
            if not self.head_sent:
                self.send({"type": WHOLE, "status": 500, "headers": [], "body": b""})
        self._site.running -= 1
        self._reader = None
        self.over()
