"""A recorder with everything around it, and configurations as small as can be. Not a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import ClassVar

from app.domain.entities.config import SECTIONS, GatewayConfig
from app.domain.entities.control import Documents
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.infrastructure.config.encoder import encode_entity
from app.infrastructure.control.history_journal import JOURNAL, HistoryJournal
from app.infrastructure.control.journal_recorder import JournalRecorder, RecorderOptions
from app.infrastructure.control.journal_writer import JournalLimits
from tests.fakes import RecordedEvents
from tests.sections import sections

NO_LIMITS = JournalLimits()


def config(routes: dict[str, str], services: tuple[str, ...] = ()) -> GatewayConfig:
    """Routes by id and url, services by id."""
    return GatewayConfig(
        {id_: Service(targets=(Target(f"http://{id_}:1"),)) for id_ in services},
        {id_: Route(url=url) for id_, url in routes.items()},
    )


def documents(of: GatewayConfig) -> Documents:
    """What the history should tell of a configuration."""
    return sections(
        services={id_: {"targets": [{"url": f"http://{id_}:1"}]} for id_ in of.services},
        routes={id_: {"url": route.url} for id_, route in of.routes.items()},
    )


def changed(before: GatewayConfig, after: GatewayConfig) -> dict[str, list[str]]:
    """Section to ids, as the caller of a recorder finds them."""
    found = {}
    for section in SECTIONS:
        old, new = getattr(before, section), getattr(after, section)
        found[section] = [id_ for id_ in {**old, **new} if old.get(id_) != new.get(id_)]
    return found


class Worker:
    """One worker process, as far as the history is concerned."""

    started: ClassVar[list["Worker"]] = []
    """For `all_closed`."""

    def __init__(self, directory: Path | None, limit: int = 50, limits: JournalLimits = NO_LIMITS) -> None:
        self.started.append(self)
        self.events = RecordedEvents()
        self.live = GatewayConfig()
        self.time = 1000.0
        self.recorder = JournalRecorder(
            RecorderOptions(directory, "file gateway.yaml", limit, limits),
            encode_entity,
            lambda: self.time,
            self.events,
        )

    def apply(self, after: GatewayConfig, digest: str = "") -> int:
        """Make a configuration live; its digest is what it says by default."""
        before, self.live = self.live, after
        return self.recorder.record(before, after, changed(before, after), digest or digest_of(after))

    @property
    def warnings(self) -> list[object]:
        return [fields["reason"] for level, _, fields in self.events.seen if level == "warning"]


def digest_of(of: GatewayConfig) -> str:
    """Equal for equal configurations."""
    content = (sorted(of.services), sorted((id_, route.url) for id_, route in of.routes.items()))
    return blake2b(repr(content).encode(), digest_size=8).hexdigest()


@contextmanager
def all_closed() -> Iterator[None]:
    """Closes the recorder of every worker that was started meanwhile."""
    yield
    while Worker.started:
        Worker.started.pop().recorder.close()


def journal(directory: Path) -> Path:
    """The file itself."""
    return directory / JOURNAL


def history(directory: Path | None, limit: int = 50) -> HistoryJournal:
    """The history as another process sees it."""
    return HistoryJournal(directory, limit)
