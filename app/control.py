"""The control plane of a gateway as an ASGI application: admin API, webhooks, and gRPC beside them (A-68).

Not for traffic: `main` has that, in processes of its own.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route

import app as package
from app.application.filters import registry
from app.application.services.admin_parts import AdminParts
from app.application.services.admin_service import AdminService
from app.application.services.webhook_service import PAYLOAD, Incoming, WebhookService
from app.assembly import make_entity_decoder, make_intake, make_rules, make_table
from app.domain.entities.control import Revision
from app.domain.entities.request import Request
from app.domain.policies.webhook_signatures import Verifier
from app.domain.policies.webhook_sources import Sources
from app.domain.ports import Events
from app.infrastructure.config.consumer_claims import claims_of
from app.infrastructure.config.control_settings import OFF
from app.infrastructure.config.document_files import read_documents, read_value
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.schema import json_schema
from app.infrastructure.config.settings import Settings
from app.infrastructure.control.history_journal import HistoryJournal
from app.infrastructure.control.refusal_watch import RefusalWatch
from app.infrastructure.control.source_puller import HttpSourcePuller, PullLimits
from app.infrastructure.control.webhook_receiver import Delivery, Receiver
from app.infrastructure.control.webhook_sender import WebhookSender
from app.infrastructure.telemetry import logging as telemetry
from app.interfaces.admin.application import Access, make_admin_app
from app.interfaces.admin.authorization import AdminTokens
from app.interfaces.admin.routes import Knowledge
from app.interfaces.admin.webhook_controller import PATH, WebhookController
from app.interfaces.grpc.authorization import Tokens
from app.interfaces.grpc.options import GrpcOptions
from app.interfaces.grpc.server import GrpcParts, GrpcStartError, make_grpc_server
from app.interfaces.intake import Intake
from app.interfaces.question import Question, headers_of, request_of
from app.stores import Stores

BODY: Final = "request"
"""Source of what stands in the body of a request, in problems."""
GRACE: Final = 2.0
"""Seconds that gRPC calls have to end when the process stops."""


def create_admin(settings: Settings) -> Starlette:
    """The application. Nothing is opened before a server starts it.

    Raises ValueError when the settings hold no token: who may do what must be known before anybody can ask.
    """
    if not settings.admin_token:
        raise ValueError("GATEWAY_ADMIN_TOKEN: expected a token, such as the output of: openssl rand -hex 32")
    events = telemetry.configure(settings.log_level, settings.log_format)
    stores = Stores(settings)
    history = stores.history()
    service = _service(settings, stores, history, events)
    sender = _sender(settings, stores, history, events)
    service.on_change.append(sender.notice)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(sender.running())
            if settings.grpc_listen != OFF:
                await stack.enter_async_context(_grpc(settings, service, history, events))
            yield

    return make_admin_app(
        service,
        Knowledge(json_schema(), partial(read_value, source=BODY), make_intake(settings), package.__version__),
        Access(AdminTokens(settings.admin_token, settings.admin_read_token), settings.admin_hosts),
        events,
        _webhooks(settings, service, events),
        lifespan,
    )


def _service(settings: Settings, stores: Stores, history: HistoryJournal, events: Events) -> AdminService:
    return AdminService(
        AdminParts(
            store=stores.editor(),
            reader=make_entity_decoder(settings),
            history=history,
            board=stores.board(),
            table=make_table,
            digest=digest,
            events=events,
            now=time.time,
            sleep=asyncio.sleep,
            version=package.__version__,
            filters=registry.FACTS,
            claims=claims_of,
        )
    )


def _sender(settings: Settings, stores: Stores, history: HistoryJournal, events: Events) -> WebhookSender:
    delivery = Delivery(settings.webhook_notify_secret)
    receivers = [Receiver(url, delivery, time.time, events) for url in settings.webhook_notify]
    refusals = RefusalWatch(stores.board(), time.time).watch
    return WebhookSender(receivers, history.watch, refusals, lambda: secrets.token_hex(16), events)


def _webhooks(settings: Settings, service: AdminService, events: Events) -> list[Route]:
    """The incoming webhook; there is none unless somebody can prove to be its sender."""
    if not settings.webhook_secret and not settings.webhook_gitlab_token:
        return []
    limits = PullLimits(int(settings.webhook_max), float(settings.webhook_timeout))
    incoming = Incoming(
        Verifier(settings.webhook_secret, settings.webhook_gitlab_token),
        Sources(settings.webhook_sources),
        HttpSourcePuller(limits, make_rules(settings).problem),
        partial(read_documents, source=PAYLOAD),
    )
    webhooks = WebhookService(incoming, service, time.time, events)
    controller = WebhookController(webhooks, int(settings.webhook_max), float(settings.webhook_timeout))
    return [Route(PATH, controller.receive, methods=["POST"])]


def _question(intake: Intake, method: str, url: str, fields: Sequence[str]) -> Request:
    return request_of(Question(url, method, headers_of(fields)), intake)


async def _with_newest(history: HistoryJournal) -> AsyncIterator[Revision]:
    """The revision that is live, and then each new one."""
    newest = await asyncio.to_thread(history.newest)
    if newest is not None:
        yield newest
    async for revision in history.watch(0 if newest is None else newest.number):
        yield revision


@asynccontextmanager
async def _grpc(
    settings: Settings, service: AdminService, history: HistoryJournal, events: Events
) -> AsyncIterator[None]:
    """The gRPC service, as long as the block runs. A port that cannot be had is told; the admin API goes on."""
    intake = make_intake(settings)
    parts = GrpcParts(
        service=service,
        revisions=partial(_with_newest, history),
        question=partial(_question, intake),
        events=events,
        sleep=asyncio.sleep,
    )
    options = GrpcOptions(settings.grpc_listen, settings.admin_tls_cert, settings.admin_tls_key)
    server = make_grpc_server(parts, Tokens(settings.admin_token, settings.admin_read_token), options)
    try:
        port = await server.start()
    except GrpcStartError as error:
        events.error("the gRPC service does not run", reason=str(error))
        yield
        return
    events.info("the gRPC service listens", address=f"{settings.grpc_listen.rpartition(':')[0]}:{port}")
    try:
        yield
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await server.stop(GRACE)
