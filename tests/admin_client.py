"""The admin API over a control plane in memory, and clients of it, in process. Not for its listener."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from app.domain.policies.addresses import TrustedProxies
from app.infrastructure.config.document_files import read_value
from app.infrastructure.config.schema import json_schema
from app.interfaces.admin.application import Access, make_admin_app
from app.interfaces.admin.authorization import AdminTokens
from app.interfaces.admin.routes import Knowledge
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits
from tests.fakes_control import Plane

WRITE: Final = "w-secret"
READ: Final = "r-secret"
BASE: Final = "http://127.0.0.1:8001"


def make_knowledge() -> Knowledge:
    """What the real application tells the admin API."""
    intake = Intake(IntakeLimits(), TrustedProxies(()))
    return Knowledge(json_schema(), lambda data, suffix: read_value(data, suffix, "request"), intake, "1")


def make_app(plane: Plane, webhooks: Sequence[Route] = ()) -> Starlette:
    """The application over `plane`."""
    access = Access(AdminTokens(WRITE, READ), ("admin.test",))
    return make_admin_app(plane.service, make_knowledge(), access, plane.events, webhooks)


@asynccontextmanager
async def client_of(
    plane: Plane, token: str = WRITE, webhooks: Sequence[Route] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a token; none when it is empty."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(make_app(plane, webhooks))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client
