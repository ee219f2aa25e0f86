"""The client connection below an exchange over HTTP/1, as the exchange uses it. Not for what comes in on it."""

import asyncio

from app.infrastructure.downstream.site import Site


class Line:
    """The connection below, as an exchange uses it."""

    __slots__ = ("drained", "site", "transport", "writable")

    def __init__(self, site: Site, transport: asyncio.Transport) -> None:
        self.site = site
        self.transport = transport
        self.writable = True
        self.drained: asyncio.Future[None] | None = None
        """Who waits until the client takes more."""

    def block(self) -> None:
        """The client takes no more for now."""
        self.writable = False

    def unblock(self) -> None:
        """The client takes more, or is gone."""
        self.writable = True
        drained, self.drained = self.drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def room(self) -> "asyncio.Future[None] | None":
        """Done when the client takes more; None when it does."""
        if self.writable:
            return None
        if self.drained is None or self.drained.done():
            self.drained = self.site.loop.create_future()
        return self.drained

    def exchange_over(self) -> None:
        """The exchange is done with."""
        raise NotImplementedError

    def more_wanted(self) -> None:
        """The application waits for more of the body."""
        raise NotImplementedError
