"""Follows one resource of Consul by blocking queries. Not for what the answers hold.

The rules are those of Consul's page "Blocking Queries" (developer.hashicorp.com/consul/api-docs/features/blocking).
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from app.domain.control_ports import StoreError, StoreUnavailable
from app.domain.discovery_ports import Watches
from app.domain.ports import Clock, Sleep
from app.infrastructure.config.consul_connection import ConsulAnswer, ConsulConnection
from app.infrastructure.config.consul_errors import denied, refused
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_pace import Pace

NOTHING: Final = b"[]"
"""What a prefix without keys holds; Consul says 404."""


class ConsulWatch:
    """The Watch of a path and its parameters. One caller at a time."""

    def __init__(
        self, options: ConsulOptions, path: str, parameters: Mapping[str, str], pace: Pace, complete: bool = False
    ) -> None:
        """`complete` refuses answers of which ACLs hide a part; otherwise only those of which they hide everything."""
        self._options = options
        self._path = path
        self._parameters = dict(parameters)
        self._pace = pace
        self._complete = complete
        self._connection = ConsulConnection(options)
        self._index = 0
        self.whole = True
        """Whether the last answer may differ from the one before in ways that indexes do not tell."""

    async def next(self) -> bytes | None:
        """See the port. After a failure the state is asked for as it is, not for what comes after an index."""
        await self._pace.turn()
        try:
            answer = await self._ask()
        except StoreError:
            self.failed()
            raise
        self._pace.worked()
        return self._taken(answer)

    def restart(self) -> None:
        """Let the next answer come at once, and whole."""
        self._index = 0

    def failed(self) -> None:
        """See the port."""
        self.restart()
        self._pace.failed()

    async def aclose(self) -> None:
        """See the port."""
        await self._connection.aclose()

    async def _ask(self) -> ConsulAnswer:
        parameters, patience = self._parameters, 0.0
        if self._index:
            wait = self._options.wait
            parameters = {**parameters, "index": str(self._index), "wait": f"{max(round(wait * 1000), 1)}ms"}
            patience = wait + wait / 16
        answer = await self._connection.ask("GET", self._path, parameters, patience=patience)
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise refused(self._options.url, answer.status, answer.body)
        if answer.index < 0:
            raise StoreUnavailable(f"{self._options.url} answers without X-Consul-Index: is it Consul?")
        if answer.leaderless:
            raise StoreUnavailable(f"{self._options.url} knows no leader: see `consul members` and the log of Consul")
        if answer.filtered and (self._complete or _body(answer).strip() in (NOTHING, b"null")):
            raise denied(self._options.url, "ACLs hide a part of the answer")
        return answer

    def _taken(self, answer: ConsulAnswer) -> bytes | None:
        asked, index = self._index, max(answer.index, 1)
        backwards = index < asked
        self._index = 0 if backwards else index
        self.whole = backwards or not asked
        return None if index == asked else _body(answer)


def consul_watches(options: ConsulOptions, clock: Clock, sleep: Sleep, random: Callable[[], float]) -> Watches:
    """Makes watches of one Consul, each with a connection and a pace of its own."""
    return lambda path, parameters: ConsulWatch(options, path, parameters, Pace(clock, sleep, random))


def _body(answer: ConsulAnswer) -> bytes:
    return NOTHING if answer.status == HTTPStatus.NOT_FOUND else answer.body
