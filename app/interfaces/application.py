"""The ASGI application: the data path for the users' traffic, Starlette for the gateway's own pages.

Starlette's router and middleware cost more than the rest of the hop's own work, so requests for users' routes go
straight to their controller (docs/decisions/0004).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

import msgspec
from starlette import types
from starlette.applications import Starlette
from starlette.routing import Route

from app.interfaces.asgi import REFUSAL, ASGIApp
from app.interfaces.routes import RESERVED


class Endpoints(msgspec.Struct, frozen=True):
    """What serves each kind of traffic."""

    http: ASGIApp
    websocket: ASGIApp
    pages: list[Route]
    """The gateway's own pages, below the reserved prefix."""


class Gateway(Starlette):
    """`open_endpoints` is entered when the server starts, on its event loop, and left when it stops."""

    def __init__(self, open_endpoints: Callable[[], AbstractAsyncContextManager[Endpoints]]) -> None:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with open_endpoints() as endpoints:
                self._serve(endpoints)
                yield

        super().__init__(lifespan=lifespan)
        self.router.redirect_slashes = False
        self._http: types.ASGIApp = self.router.not_found
        self._websocket: types.ASGIApp = self.router.not_found

    def _serve(self, endpoints: Endpoints) -> None:
        self._http = cast("types.ASGIApp", endpoints.http)
        self._websocket = cast("types.ASGIApp", endpoints.websocket)
        self.router.routes[:] = endpoints.pages
        self.router.default = self._http

    async def __call__(self, scope: types.Scope, receive: types.Receive, send: types.Send) -> None:
        kind = scope["type"]
        if kind == "http" and (not scope["path"].startswith(RESERVED) or REFUSAL in (scope.get("extensions") or ())):
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
