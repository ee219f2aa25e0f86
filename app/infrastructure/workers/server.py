"""Starts a server: checks what can be wrong, binds, and supervises. The one entrance to this package."""

import asyncio
from collections.abc import Callable, Mapping

from app.domain.ports import Events
from app.infrastructure.workers.certificate import check_pair
from app.infrastructure.workers.listener import listen, place_of
from app.infrastructure.workers.options import ServerName, ServerOptions, encode
from app.infrastructure.workers.process import Command
from app.infrastructure.workers.supervisor import Supervisor, Times


class Server:
    """`environment` is what the workers see; `drain` is how long, in seconds, they report not to be ready before
    they stop to accept connections.
    """

    def __init__(self, name: ServerName, options: ServerOptions, environment: Mapping[str, str], drain: float) -> None:
        self._name = name
        self._options = options
        self._environment = environment
        self._drain = drain

    def run(self, address: str, workers: int, events: Events, on_ready: Callable[[str], None]) -> int:
        """Serve at `address` until a signal comes; the exit code. `on_ready` is told the URL once the workers serve.

        Raises StartError before any worker starts when the address or the certificate cannot be used.
        """
        check_pair(self._options.tls_cert, self._options.tls_key)
        sockets = listen(address, workers, self._options)
        url = f"{'https' if self._options.tls_cert else 'http'}://{place_of(sockets[0])}"
        command = Command(
            module=f"app.infrastructure.workers.{self._name}",
            arguments=(encode(self._options),),
            environment=self._environment,
        )
        times = Times(self._drain, self._options.grace)

        async def supervise() -> int:
            return await Supervisor(command, times, events, lambda: on_ready(url)).run(sockets)

        try:
            return asyncio.run(supervise())
        finally:
            for sock in sockets:
                sock.close()
