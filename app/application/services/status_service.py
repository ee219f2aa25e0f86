"""Tells how this worker is, for whoever asks the gateway for its status. Not for logs, metrics or readiness."""

import asyncio
from typing import Final, NamedTuple

from app.application.services.compiler import Compiler
from app.application.services.config_service import ConfigService
from app.domain.control_ports import StatusBoard
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import TargetStatus, WorkerStatus
from app.domain.ports import Clock, RouteRepository

EVERY: Final = 1.0
"""Seconds between two looks."""
AT_LEAST_EVERY: Final = 2
"""Looks after which it is told although nothing is different but numbers."""
REFUSED: Final = 100
TARGETS: Final = 1000


class Life(NamedTuple):
    """This process. `started` is seconds since 1970."""

    pid: int
    started: float


class StatusService:
    """Publishes on a board what the parts of a worker say."""

    def __init__(
        self,
        config: ConfigService,
        compiler: Compiler,
        repository: RouteRepository,
        board: StatusBoard,
        life: Life,
        clocks: tuple[Clock, Clock],
    ) -> None:
        """`clocks` are the monotonic one and the wall clock."""
        self._config = config
        self._compiler = compiler
        self._repository = repository
        self._board = board
        self._life = life
        self._monotonic, self._wall = clocks
        self._digest = ""
        self._applied = 0.0

    async def run(self) -> None:
        """Publish for ever: at once what is new, and now and then how much is under way."""
        told: tuple[object, ...] = ()
        looks = 0
        while True:
            status = self.status()
            news = (status.revision, status.digest, status.problem, status.refused, status.routes)
            if news != told or looks >= AT_LEAST_EVERY:
                told, looks = news, 0
                await asyncio.to_thread(self._board.publish, status)
            looks += 1
            await asyncio.sleep(EVERY)

    def status(self) -> WorkerStatus:
        """How this worker is now."""
        snapshot, store = self._config.snapshot, self._repository.status()
        if snapshot.digest != self._digest:
            self._digest, self._applied = snapshot.digest, self._wall()
        checked = self._wall() - (self._monotonic() - store.checked) if store.checked else 0.0
        return WorkerStatus(
            pid=self._life.pid,
            started=self._life.started,
            revision=snapshot.revision,
            digest=snapshot.digest,
            applied=self._applied,
            checked=checked,
            **{section: len(getattr(snapshot.config, section)) for section in SECTIONS},
            problem=store.problem or self._config.problem,
            refused=(*self._config.refused()[:REFUSED], *store.refused[:REFUSED])[:REFUSED],
            targets=tuple(self._targets()),
        )

    def _targets(self) -> list[TargetStatus]:
        found: list[TargetStatus] = []
        for (service, url), cluster in self._compiler.clusters.items():
            found += [
                TargetStatus(service or url, endpoint.address, endpoint.in_flight) for endpoint in cluster.endpoints
            ]
            if len(found) >= TARGETS:
                break
        return found[:TARGETS]
