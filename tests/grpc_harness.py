"""A control plane in memory behind a real gRPC server, and clients of it. Not for stores or workers."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc
import msgspec
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from app.application.services.admin_parts import AdminParts
from app.application.services.admin_service import AdminService
from app.domain.control_ports import UnknownRevision
from app.domain.entities.config import GatewayConfig
from app.domain.entities.control import (
    Documents,
    Edit,
    Revision,
    Stored,
    WorkerStatus,
)
from app.domain.entities.request import Request
from app.domain.errors import DownstreamError
from app.domain.policies.routing import RouteTable
from app.infrastructure.config.consumer_claims import claims_of
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.regex import compile_regex
from app.interfaces.grpc.authorization import Tokens
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.options import GrpcOptions
from app.interfaces.grpc.server import SERVICE, GrpcParts, GrpcServer, make_grpc_server
from tests.fakes import RecordedEvents, request
from tests.fakes_control import FILTERS, MemoryStore

WRITE, READ = "w-secret", "r-secret"
TOKENS = Tokens(WRITE, READ)
HELLO: dict[str, Any] = {"match": {"paths": ["/hello/*"]}, "url": "http://127.0.0.1:9000"}


def revision(number: int, digest_: str = "d", **parts: Any) -> Revision:
    """A revision of the store `memory`."""
    return Revision(number, digest_, 1_700_000_000.5, "memory", **parts)


class OvertakenStore(MemoryStore):
    """A store that somebody else writes to as well."""

    def __init__(self) -> None:
        super().__init__()
        self.on_read: list[Stored] = []
        """What somebody else has stored right after each of the next reads."""

    async def read(self) -> Stored:
        found = await super().read()
        if self.on_read:
            self.stored = self.on_read.pop(0)
        return found


class MemoryHistory:
    """Keeps revisions, and streams them."""

    def __init__(self) -> None:
        self.kept: list[Revision] = []
        self.opened = 0
        """How often a stream was opened."""
        self._streams: list[asyncio.Queue[Revision]] = []

    def add(self, *revisions: Revision) -> None:
        """These became live."""
        for one in revisions:
            self.kept.append(one)
            for stream in self._streams:
                stream.put_nowait(one)

    def revisions(self) -> list[Revision]:
        return list(self.kept)

    def number_of(self, digest: str) -> int:
        return self.kept[-1].number if self.kept and self.kept[-1].digest == digest else 0

    def documents(self, number: int) -> Documents:
        raise UnknownRevision(f"revision {number} is not kept")

    async def watch(self) -> AsyncIterator[Revision]:
        """The newest revision, then each new one, for ever."""
        self.opened += 1
        stream: asyncio.Queue[Revision] = asyncio.Queue()
        self._streams.append(stream)
        if self.kept:
            yield self.kept[-1]
        while True:
            yield await stream.get()


class MemoryBoard:
    """Keeps what workers say."""

    def __init__(self) -> None:
        self.workers: list[WorkerStatus] = []
        self.fails: Exception | None = None

    def publish(self, status: WorkerStatus) -> None:
        self.workers.append(status)

    def statuses(self) -> list[WorkerStatus]:
        if self.fails is not None:
            raise self.fails
        return list(self.workers)


class LiveStore(OvertakenStore):
    """A store whose every write becomes live at once."""

    def __init__(self, history: MemoryHistory, reader: EntityDecoder) -> None:
        super().__init__()
        self._history = history
        self._reader = reader

    async def write(self, edits: Sequence[Edit]) -> None:
        await super().write(edits)
        documents = {section: {id_: one.document for id_, one in of.items()} for section, of in self.stored.items()}
        config = self._reader.config(documents, self.name)
        changes: dict[str, dict[str, Any]] = {}
        for edit in edits:
            changes.setdefault(edit.section, {})[edit.id] = "added" if edit.document is not None else "removed"
        self._history.add(
            revision(
                self._history.kept[-1].number + 1 if self._history.kept else 1,
                digest(config),
                changes=changes,
                changed=len(edits),
                services=len(config.services),
                routes=len(config.routes),
            )
        )


def question(method: str, url: str, fields: Sequence[str]) -> Request:
    """A request for a path; other URLs are none, and the gateway refuses CONNECT."""
    if not url.startswith("/"):
        raise ValueError("url is a path")
    if method == "CONNECT":
        raise DownstreamError("CONNECT is not served", status=501)
    pairs = [field.partition(": ") for field in fields]
    return request(url, method=method, headers=[(name.encode(), value.encode()) for name, _, value in pairs])


def table(config: GatewayConfig) -> RouteTable:
    """The table of the routes."""
    return RouteTable.compile(config.routes, compile_regex)


@dataclasses.dataclass
class Plane:
    """Everything behind the server."""

    store: OvertakenStore
    history: MemoryHistory
    board: MemoryBoard
    events: RecordedEvents
    service: AdminService
    server: GrpcServer | None = None
    port: int = 0

    def parts(self) -> GrpcParts:
        """What a server is made with."""
        return GrpcParts(self.service, self.history.watch, question, self.events, asyncio.sleep)


def make_plane() -> Plane:
    """A control plane without a server; one worker runs."""
    history, board, events = MemoryHistory(), MemoryBoard(), RecordedEvents()
    reader = EntityDecoder(Checks(lambda _: [], lambda _: []), lambda reference: reference)
    store = LiveStore(history, reader)
    board.publish(WorkerStatus(pid=1, started=1.0))
    parts = AdminParts(
        store, reader, history, board, table, digest, events, lambda: 1_700_000_000.0, asyncio.sleep,
        "1", FILTERS, claims_of,
    )  # fmt: skip
    return Plane(store, history, board, events, AdminService(parts))


@asynccontextmanager
async def serving(plane: Plane | None = None, options: GrpcOptions | None = None) -> AsyncIterator[Plane]:
    """A server on a free port of loopback, stopped at the end."""
    plane = plane or make_plane()
    plane.server = make_grpc_server(plane.parts(), TOKENS, options or GrpcOptions("127.0.0.1:0"))
    plane.port = await plane.server.start()
    try:
        yield plane
    finally:
        await plane.server.stop(0)


class Caller:
    """Calls the service, with a token or without one."""

    def __init__(self, channel: grpc.aio.Channel, token: str | None = WRITE) -> None:
        self._channel = channel
        self.metadata = () if token is None else (("authorization", f"Bearer {token}"),)

    async def apply(self, request_: pb.ApplyRequest) -> pb.ApplyResponse:
        answer: pb.ApplyResponse = await self.call("Apply", request_)
        return answer

    async def get(self, section: str = "", id_: str = "") -> pb.GetResponse:
        answer: pb.GetResponse = await self.call("Get", pb.GetRequest(section=section, id=id_))
        return answer

    async def validate(self, json: str) -> pb.ValidateResponse:
        answer: pb.ValidateResponse = await self.call("Validate", pb.ValidateRequest(json=json))
        return answer

    async def explain(self, request_: pb.ExplainRequest) -> pb.ExplainResponse:
        answer: pb.ExplainResponse = await self.call("Explain", request_)
        return answer

    async def call(self, name: str, request_: Message, timeout: float = 20.0) -> Any:  # noqa: ASYNC109 (gRPC's own)
        """One call; a deadline keeps a broken server from hanging the test."""
        return await unary(self._channel, SERVICE.methods_by_name[name])(
            request_, timeout=timeout, metadata=self.metadata
        )

    def watch(self) -> "grpc.aio.UnaryStreamCall[Message, pb.Revision]":
        """A watch; to be cancelled or read to its end."""
        method = self._channel.unary_stream(
            f"/{SERVICE.full_name}/Watch", pb.WatchRequest.SerializeToString, pb.Revision.FromString
        )
        return method(pb.WatchRequest(), timeout=20.0, metadata=self.metadata)


def unary(channel: grpc.aio.Channel, method: MethodDescriptor) -> Any:
    """What calls `method`, made of its description alone."""
    assert method.containing_service is not None
    return channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        GetMessageClass(method.input_type).SerializeToString,
        GetMessageClass(method.output_type).FromString,
    )


@asynccontextmanager
async def calling(plane: Plane, token: str | None = WRITE) -> AsyncIterator[Caller]:
    """A client of a server without TLS."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{plane.port}") as channel:
        yield Caller(channel, token)


def whole(documents: Documents, **expected: str) -> pb.ApplyRequest:
    """A request to apply a whole configuration."""
    return pb.ApplyRequest(configuration=pb.Configuration(json=msgspec.json.encode(documents).decode(), **expected))


def edits(*several: pb.Edit) -> pb.ApplyRequest:
    """A request to apply edits."""
    return pb.ApplyRequest(edits=pb.Edits(edits=several))


def route(id_: str, document: dict[str, Any] | None = None, expected: str | None = None) -> pb.Edit:
    """An edit that stores a route."""
    json = msgspec.json.encode(document or {**HELLO, "match": {"paths": [f"/{id_}"]}}).decode()
    return pb.Edit(section="routes", id=id_, json=json, expected_version=expected)
