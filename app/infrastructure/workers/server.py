"""Starts a server: checks what can be wrong, binds, and supervises. The one entrance to this package."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import msgspec

from app.domain.ports import Events
from app.infrastructure.workers.certificate import check_pair
from app.infrastructure.workers.listener import listen, place_of
from app.infrastructure.workers.options import ServerName, ServerOptions, encode
from app.infrastructure.workers.process import Command
from app.infrastructure.workers.supervisor import Slot, Supervisor, Times


class Site(msgspec.Struct, frozen=True):
    """One application at one address, in so many processes of this name."""

    name: str
    address: str
    options: ServerOptions
    processes: int = 1


class Server:
    """`environment` is what the processes see; `drain` is how long, in seconds, they report not to be ready before
    they stop to accept connections, `grace` how long they may take to finish.
    """

    def __init__(self, name: ServerName, environment: Mapping[str, str], drain: float, grace: float) -> None:
        self._name = name
        self._environment = environment
        self._times = Times(drain, grace)

    def run(self, sites: list[Site], events: Events, on_ready: Callable[[list[str]], None]) -> int:
        """Serve until a signal comes; the exit code. `on_ready` is told the URL of each site once all of them serve.

        Raises StartError before any process starts when an address or a certificate cannot be used.
        """
        for site in sites:
            check_pair(site.options.tls_cert, site.options.tls_key)
        with ExitStack() as stack:
            slots: list[Slot] = []
            urls: list[str] = []
            for site in sites:
                sockets = listen(site.address, site.processes, site.options)
                for sock in sockets:
                    stack.callback(sock.close)
                urls.append(f"{'https' if site.options.tls_cert else 'http'}://{place_of(sockets[0])}")
                slots += self._slots(site, sockets)
            return asyncio.run(self._supervise(slots, events, lambda: on_ready(urls)))

    def _slots(self, site: Site, sockets: list[socket.socket]) -> list[Slot]:
        command = Command(
            module=f"app.infrastructure.workers.{self._name}",
            arguments=(encode(site.options),),
            environment=self._environment,
        )
        numbered = [f"{site.name} {number}" for number in range(1, len(sockets) + 1)]
        names = numbered if site.processes > 1 else [site.name]
        return [Slot(name, command, sock) for name, sock in zip(names, sockets, strict=True)]

    async def _supervise(self, slots: list[Slot], events: Events, on_ready: Callable[[], None]) -> int:
        return await Supervisor(slots, self._times, events, on_ready).run()
