"""A worker that runs the gateway's own server: `python -m app.infrastructure.workers.builtin OPTIONS DESCRIPTOR`.

One thread, one event loop. Not for what is said on connections: that is app/infrastructure/downstream.
"""

import asyncio
import signal
import socket
import ssl
import sys
from collections.abc import Mapping
from typing import cast

import uvloop

from app.infrastructure.downstream.cycle import APPLICATION_FAILED
from app.infrastructure.downstream.lifespan import LifespanFailed
from app.infrastructure.downstream.server import Doors, HttpServer
from app.infrastructure.downstream.site import Application, Limits
from app.infrastructure.workers.doors import DOORS
from app.infrastructure.workers.lifeline import Lifeline, announce, load
from app.infrastructure.workers.options import ServerOptions, decode


def limits_of(options: ServerOptions) -> Limits:
    """What clients may do."""
    limits = Limits(
        head_timeout=options.head_timeout,
        write_idle=options.write_idle,
        max_head=options.max_head,
        max_streams=options.max_streams,
        max_message=options.max_message,
        http2=options.http2,
    )
    limits.max_headers = max(limits.max_headers, options.max_headers)
    return limits


def context_of(options: ServerOptions) -> ssl.SSLContext | None:
    """How it speaks TLS; None when it does not."""
    if not options.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(options.tls_cert, options.tls_key or None)
    if options.tls_client_ca:
        context.load_verify_locations(options.tls_client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL if options.tls_client_auth == "optional" else ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2", "http/1.1"] if options.http2 else ["http/1.1"])
    return context


async def run(options: ServerOptions, descriptor: int) -> None:
    """Serve until SIGTERM; exchanges under way are finished first. Raises LifespanFailed."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(report)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    lifeline = Lifeline(options.grace)
    lifeline.watch()
    application = cast("Application", announce(load(options.target), lifeline.ready))
    with socket.socket(fileno=descriptor) as sock:
        server = HttpServer(application, limits_of(options), context_of(options))
        await server.serve(sock, options.backlog, stop, options.grace, Doors(DOORS.enter, DOORS.leave))


def report(loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    """Tell of an error that nobody awaited. What a client does to its connection, a failed handshake too, is none."""
    error = context.get("exception")
    ours = context.get("message") == APPLICATION_FAILED
    if ours or not isinstance(error, ssl.SSLError | ConnectionError | TimeoutError | asyncio.CancelledError):
        loop.default_exception_handler(dict(context))


def main() -> None:
    """The process: an event loop, and the server in it."""
    options = decode(sys.argv[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(run(options, int(sys.argv[2])))
        except LifespanFailed as error:
            sys.exit(f"gateway: {error}")


if __name__ == "__main__":
    main()
