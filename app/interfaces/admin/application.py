"""The admin API as an ASGI application of its own, for a listener of its own: no route leads here (A-68).

Not for gRPC, and not for starting a server.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from app.application.services.admin_service import AdminService
from app.domain.ports import Events
from app.interfaces.admin.authorization import AdminTokens, Authorization
from app.interfaces.admin.browsers import BrowserCheck
from app.interfaces.admin.routes import Knowledge, all_operations, routes_of
from app.interfaces.admin.shell import Shell, refused_by_starlette


class Access(msgspec.Struct, frozen=True):
    """Who may reach the admin API."""

    tokens: AdminTokens
    names: tuple[str, ...] = ()
    """What Host may be besides `localhost` and any address: a listener's name, say."""


def make_admin_app(
    service: AdminService,
    knowledge: Knowledge,
    access: Access,
    events: Events,
    webhook_routes: Sequence[Route] = (),
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The application. `webhook_routes` are served without a token: they check signatures."""
    shell = Middleware(
        Shell,
        authorization=Authorization(access.tokens),
        browsers=BrowserCheck(access.names),
        events=events,
        signed=[route.path for route in webhook_routes],
    )
    admin = Starlette(
        routes=[*webhook_routes, *routes_of(all_operations(service, knowledge))],
        middleware=[shell],
        exception_handlers={HTTPException: refused_by_starlette},
        lifespan=lifespan,
    )
    admin.router.redirect_slashes = False
    return admin
