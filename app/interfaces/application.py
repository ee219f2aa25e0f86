"""The ASGI application: the data path for the users' traffic, Starlette for the gateway's own pages.

Starlette's router and middleware cost more than the rest of the hop's own work, so requests for users' routes go
straight to their controller (docs/decisions/0004).
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.routing import Route

from app.interfaces.asgi import ASGIApp, Receive, Scope, Send
from app.interfaces.routes import RESERVED


class Gateway(Starlette):
    """`http` and `websocket` are the controllers of the data path; `routes` are the gateway's own pages."""

    def __init__(
        self,
        http: ASGIApp,
        websocket: ASGIApp,
        routes: list[Route],
        lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]],
    ) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self.router.redirect_slashes = False
        self.router.default = http
        self._http = http
        self._websocket = websocket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http" and not scope["path"].startswith(RESERVED):
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
