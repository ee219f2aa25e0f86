"""A worker that runs Hypercorn: `python -m app.infrastructure.workers.hypercorn OPTIONS DESCRIPTOR`.

Hypercorn's own supervisor is not used: it ends the whole server when one worker dies, and with two workers or more it
cuts requests under way when it is told to stop.
"""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from typing import Any, Final, cast

import uvloop
from hypercorn.asyncio import serve, tcp_server
from hypercorn.config import Config
from hypercorn.utils import LifespanFailureError, LifespanTimeoutError

from app.infrastructure.workers import hypercorn_departures, hypercorn_http2, hypercorn_upgrades, hypercorn_websocket
from app.infrastructure.workers.lifeline import Lifeline, announce, load
from app.infrastructure.workers.options import ServerOptions, decode

NO_LIMIT: Final = 1_000_000
"""Requests a connection. Hypercorn loses HTTP/2 streams when it ends a connection for its number of requests."""

READ: Final = 128 * 1024
"""Bytes of a body that are taken at a time. Hypercorn's 64 KiB cost 15 % more, and so do 256 KiB."""


def configuration(options: ServerOptions, descriptor: int) -> Config:
    """What Hypercorn is told. One knob is two things there: `keep_alive_timeout` is also the time for a head.

    `read_timeout` stays off: it also fires while a response streams.
    """
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.accesslog = None
    config.loglevel = "ERROR"
    config.include_date_header = False
    config.include_server_header = False
    config.alpn_protocols = ["h2", "http/1.1"] if options.http2 else ["http/1.1"]
    config.certfile = options.tls_cert or None
    config.keyfile = options.tls_key or None
    config.ssl_handshake_timeout = options.head_timeout
    config.backlog = options.backlog
    config.keep_alive_timeout = options.head_timeout
    config.keep_alive_max_requests = NO_LIMIT
    config.h11_max_incomplete_size = options.max_head
    config.h2_max_header_list_size = options.max_head
    config.h2_max_concurrent_streams = options.max_streams
    config.websocket_max_message_size = options.max_message
    config.websocket_ping_interval = 20
    config.graceful_timeout = options.grace
    return config


async def run(options: ServerOptions, descriptor: int) -> None:
    """Serve until SIGTERM; exchanges under way are finished first."""
    asyncio.get_running_loop().set_exception_handler(report)
    tcp_server.MAX_RECV = READ
    hypercorn_departures.install()
    hypercorn_http2.install()
    hypercorn_upgrades.install()
    hypercorn_websocket.install()
    lifeline = Lifeline(options.grace)
    lifeline.watch()
    application = announce(load(options.target), lifeline.ready)
    await serve(cast("Any", application), configuration(options, descriptor), mode="asgi")


def report(loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    """Tell of an error that nobody awaited. A failed handshake, and a request cut at the end of the grace, are none."""
    if not isinstance(context.get("exception"), ssl.SSLError | asyncio.CancelledError):
        loop.default_exception_handler(dict(context))


def main() -> None:
    """The process: an event loop, and the server in it."""
    options = decode(sys.argv[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(run(options, int(sys.argv[2])))
        except (LifespanFailureError, LifespanTimeoutError) as error:
            sys.exit(f"hypercorn: {error}")


if __name__ == "__main__":
    main()
