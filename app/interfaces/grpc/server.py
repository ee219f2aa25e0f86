"""The gRPC server of the control plane: what it serves, its port, its start and its end. Not for what calls do."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Final

import grpc
import msgspec
from grpc_reflection.v1alpha import reflection

from app.application.services.admin_service import AdminService
from app.domain.ports import Events, Sleep
from app.interfaces.grpc.authorization import Authorization, Tokens
from app.interfaces.grpc.calls import service_handler
from app.interfaces.grpc.config_servicer import ConfigServicer, Question
from app.interfaces.grpc.generated.gateway.v1 import config_pb2
from app.interfaces.grpc.health import SERVICE as HEALTH
from app.interfaces.grpc.health import Health
from app.interfaces.grpc.options import GrpcOptions, channel_options
from app.interfaces.grpc.revision_feed import RevisionFeed, Revisions
from app.interfaces.grpc.tls import TlsFiles
from app.interfaces.grpc.writes import Writes

SERVICE: Final = config_pb2.DESCRIPTOR.services_by_name["ConfigService"]
_WRITES: Final = (f"/{SERVICE.full_name}/Apply",)
_REASONS: Final = {
    errno.EADDRINUSE: "the port is in use",
    errno.EACCES: "no permission to use that port",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
}


class GrpcStartError(Exception):
    """The server cannot listen: a line that says what and why."""


class GrpcParts(msgspec.Struct, frozen=True):
    """What the server works with."""

    service: AdminService
    revisions: Revisions
    question: Question
    events: Events
    sleep: Sleep


class GrpcServer:
    """Serves from `start` to `stop`, once."""

    def __init__(
        self, server: grpc.aio.Server, listen: Callable[[], int], writes: Writes, feed: RevisionFeed, health: Health
    ) -> None:
        """`listen` adds the port to `server`; it raises GrpcStartError."""
        self._server = server
        self._writes = writes
        self._listen = listen
        self._feed = feed
        self._health = health
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> int:
        """Serve; the port. Raises GrpcStartError."""
        port = self._listen()
        await self._server.start()
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._feed.follow()), loop.create_task(self._health.follow())]
        return port

    async def stop(self, grace: float) -> None:
        """Take no more calls, end every watch, and cut what is still under way after `grace` seconds.

        Changes are finished in any case.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._feed.close()
        self._health.close()
        await self._server.stop(grace)
        await self._writes.finish()


def make_grpc_server(parts: GrpcParts, tokens: Tokens, options: GrpcOptions) -> GrpcServer:
    """A server that does not listen yet; to be called in the event loop in which it is to run.

    Raises ValueError for an empty read-write token.
    """
    feed = RevisionFeed(parts.revisions, options.max_watchers, parts.events, parts.sleep)
    health = Health(parts.service, SERVICE.full_name, parts.events, parts.sleep)
    writes = Writes()
    servicer = ConfigServicer(parts.service, feed, writes, parts.question)
    server = grpc.aio.server(
        handlers=[
            service_handler(SERVICE, servicer, parts.events),
            service_handler(HEALTH, health, parts.events),
        ],
        interceptors=[Authorization(tokens, _WRITES)],
        options=channel_options(options),
        maximum_concurrent_rpcs=options.max_calls,
    )
    reflection.enable_server_reflection((SERVICE.full_name, HEALTH.full_name, reflection.SERVICE_NAME), server)
    return GrpcServer(server, lambda: _listen(server, options, parts.events), writes, feed, health)


def _listen(server: grpc.aio.Server, options: GrpcOptions, events: Events) -> int:
    _probe(options.address)
    # gRPC's name for every address of the machine, IPv4 and IPv6.
    address = f"[::]{options.address}" if options.address.startswith(":") else options.address
    try:
        if not options.cert and not options.key:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, TlsFiles(options.cert, options.key, events).credentials())
    except (RuntimeError, ValueError) as error:
        raise GrpcStartError(f"cannot listen on {options.address}: {error}") from None


def _probe(address: str) -> None:
    """Raises GrpcStartError with the reason for which one cannot listen: gRPC itself tells it in no exception."""
    host, colon, port = address.rpartition(":")
    if not colon:
        raise GrpcStartError(f"cannot listen on {address!r}: expected host:port, such as 127.0.0.1:8002 or [::]:8002")
    host = host.removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, proto, _, place = found[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise GrpcStartError(f"cannot listen on {address}: {reason}") from None
