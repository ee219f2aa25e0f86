"""A worker that runs Granian: `python -m app.infrastructure.workers.granian OPTIONS DESCRIPTOR`.

Granian's own supervisor is not used: it gives up when a worker dies twice within six seconds, binds a port of its own
in each worker (so port 0 is several ports), and knows no draining.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols, TaskImpl
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from app.infrastructure.workers.descriptors import allow
from app.infrastructure.workers.lifeline import Lifeline, announce, load
from app.infrastructure.workers.options import ServerOptions, decode
from app.infrastructure.workers.scheduling import let_threads_finish

SPARE: Final = 256
"""Connections over the limit that are accepted: the application closes what is too many, by whose they are."""
PING_EVERY: Final = 20_000
"""Milliseconds between two pings on a quiet HTTP/2 connection."""
READ_BUFFER: Final = 512 * 1024
"""The most bytes of a connection's read buffer, which grows for clients that fill it: bodies go through it, and each
part of one passes three threads. The application limits heads exactly."""
LOG: Final[dict[str, Any]] = {
    "formatters": {"plain": {"format": "granian: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"},
        "access": {"class": "logging.NullHandler"},
    },
}
"""Errors alone, on standard error: everything else is the gateway's own log."""


def arguments(options: ServerOptions) -> dict[str, Any]:
    """What Granian is told.

    Without TLS it speaks HTTP/1.1 only: while it finds out what a client speaks, it waits for ever (A-02).
    """
    tls = bool(options.tls_cert)
    return {
        "target": options.target,
        "interface": Interfaces.ASGI,
        "loop": Loops.uvloop,
        "task_impl": TaskImpl.asyncio,
        "http": HTTPModes.auto if options.http2 and tls else HTTPModes.http1,
        "websockets": True,
        "backlog": options.backlog,
        "backpressure": allow(options.max_connections).connections + SPARE,
        "http1_settings": HTTP1Settings(
            header_read_timeout=int(options.head_timeout * 1000),
            max_buffer_size=max(options.max_head, READ_BUFFER),
        ),
        "http2_settings": HTTP2Settings(
            keep_alive_interval=PING_EVERY,
            keep_alive_timeout=max(1, int(options.write_idle)),
            max_concurrent_streams=options.max_streams,
            max_headers_size=options.max_head,
        ),
        "log_level": LogLevels.error,
        "log_dictconfig": LOG,
        "ssl_cert": Path(options.tls_cert) if tls else None,
        "ssl_key": Path(options.tls_key) if tls else None,
        "ssl_protocol_min": SSLProtocols.tls12,
    }


class Worker(MPServer):
    """Granian in this process, on an inherited socket: its one worker is run here instead of in a child."""

    def __init__(self, options: ServerOptions, descriptor: int) -> None:
        super().__init__(**arguments(options))
        self._descriptor = descriptor

    def _init_shared_socket(self) -> None:
        self._ssp, self._sso = None, None
        holder: Any = SocketHolder
        self._shd = holder(self._descriptor, False, self.backlog)

    def _spawn_workers(self, spawn_target: Callable[..., None], target_loader: Callable[..., object]) -> None:
        self._spawn_worker(0, spawn_target, target_loader).inner.run()
        self.interrupt_signal = True
        self.main_loop_interrupt.set()

    def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
        """A signal outside of the event loop: before the worker serves, or after it is done."""
        sys.exit(0)


def main() -> None:
    """Serve until SIGTERM; exchanges under way are finished first."""
    options = decode(sys.argv[1])
    let_threads_finish()
    lifeline = Lifeline(options.grace)
    lifeline.watch()
    application = announce(load(options.target), lifeline.ready)
    Worker(options, int(sys.argv[2])).serve(target_loader=lambda: application, wrap_loader=False)


if __name__ == "__main__":
    main()
