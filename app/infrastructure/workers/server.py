"""Starts a server: checks what can be wrong, binds, and supervises. The one entrance to this package."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import msgspec

from app.domain.ports import Events
from app.infrastructure.workers.certificate import check_authorities, check_pair
from app.infrastructure.workers.listener import listen, place_of
from app.infrastructure.workers.options import ServerName, ServerOptions, StartError, encode
from app.infrastructure.workers.process import Command
from app.infrastructure.workers.supervisor import Slot, Supervisor, Times


class Site(msgspec.Struct, frozen=True):
    """One application at one address, in so many processes of this name."""

    name: str
    address: str
    options: ServerOptions
    processes: int = 1


class Server:
    """`environment` tells what the processes see, once the place of each site is known.

    `drain` is how long, in seconds, they report not to be ready before they stop to accept connections, `grace` how
    long they may take to finish.
    """

    def __init__(
        self, name: ServerName, environment: Callable[[list[str]], Mapping[str, str]], drain: float, grace: float
    ) -> None:
        self._name = name
        self._environment = environment
        self._times = Times(drain, grace)

    def run(self, sites: list[Site], events: Events, on_ready: Callable[[list[str]], None]) -> int:
        """Serve until a signal comes; the exit code. `on_ready` is told the URL of each site once all of them serve.

        Raises StartError before any process starts when an address or a certificate cannot be used.
        """
        for site in sites:
            check_pair(site.options.tls_cert, site.options.tls_key)
            check_authorities(site.options.tls_client_ca, tls=bool(site.options.tls_cert))
            if site.options.tls_client_ca and self._name != "builtin":
                raise StartError(f"{self._name} cannot tell who a client's certificate is of: use the server builtin")
        with ExitStack() as stack:
            bound: list[tuple[Site, list[socket.socket]]] = []
            for site in sites:
                bound.append((site, listen(site.address, site.processes, site.options)))
                for sock in bound[-1][1]:
                    stack.callback(sock.close)
            places = [place_of(sockets[0]) for _, sockets in bound]
            environment = self._environment(places)
            slots = [slot for site, sockets in bound for slot in self._slots(site, sockets, environment)]
            urls = [_url(site, place) for site, place in zip(sites, places, strict=True)]
            return asyncio.run(self._supervise(slots, events, lambda: on_ready(urls)))

    def _slots(self, site: Site, sockets: list[socket.socket], environment: Mapping[str, str]) -> list[Slot]:
        command = Command(
            module=f"app.infrastructure.workers.{self._name}",
            arguments=(encode(site.options),),
            environment=environment,
        )
        numbered = [f"{site.name} {number}" for number in range(1, len(sockets) + 1)]
        names = numbered if site.processes > 1 else [site.name]
        return [Slot(name, command, sock) for name, sock in zip(names, sockets, strict=True)]

    async def _supervise(self, slots: list[Slot], events: Events, on_ready: Callable[[], None]) -> int:
        return await Supervisor(slots, self._times, events, on_ready).run()


def _url(site: Site, place: str) -> str:
    return f"{'https' if site.options.tls_cert else 'http'}://{place}"
