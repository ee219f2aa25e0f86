"""The control plane's ports in memory, and an AdminService over them. Not for stores or workers."""

from collections.abc import Callable, Sequence
from typing import Any

from app.application.filters import registry
from app.application.services.admin_parts import AdminParts
from app.application.services.admin_service import AdminService
from app.domain.control_ports import StoreConflict, UnknownRevision
from app.domain.entities.config import ConfigError, GatewayConfig
from app.domain.entities.control import (
    Difference,
    Document,
    Documents,
    Edit,
    Revision,
    Stored,
    StoredEntity,
    WorkerStatus,
)
from app.domain.policies.planning import changes_between, documents_in, named
from app.domain.policies.routing import RouteTable, problems_of
from app.infrastructure.config.consumer_claims import claims_of
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader
from tests.fakes import RecordedEvents

NOW = 1_700_000_000.0
SERVICE: dict[str, Any] = {"targets": [{"url": "http://127.0.0.1:9000"}]}
ROUTE: dict[str, Any] = {"match": {"paths": ["/users/*"]}, "service": "users"}
ISSUER: dict[str, Any] = {"issuer": "https://a", "audience": ["api"], "algorithms": ["HS256"], "secret": "hush" * 8}
CONSUMER: dict[str, Any] = {
    "api_keys": [{"sha256": "ab" * 32, "name": "one"}],
    "signatures": [{"id": "k1", "secret": "quiet" * 8}],
}
CHAIN: dict[str, Any] = {"filters": [{"headers": {"request": {"remove": ["x-debug"]}}}]}
SECRETS = (ISSUER["secret"], CONSUMER["signatures"][0]["secret"])
"""What no reader may see of these."""
HELLO: dict[str, Any] = {"match": {"paths": ["/hello/*"]}, "url": "http://127.0.0.1:9001"}


FILTERS = registry.FACTS


def reader(environment: dict[str, str] | None = None) -> EntityDecoder:
    """What judges documents, as the gateway does."""
    checks = Checks(
        registry.problems, lambda route: problems_of(route, compile_regex), filter_references=registry.references
    )
    return EntityDecoder(checks, SecretReader(environment or {}))


def table(config: GatewayConfig) -> RouteTable:
    """The table of the enabled routes."""
    return RouteTable.compile({id_: route for id_, route in config.routes.items() if route.enabled}, compile_regex)


class MemoryStore:
    """Keeps documents; versions are numbers that never come again."""

    name = "memory"

    def __init__(self, documents: Documents | None = None) -> None:
        self.stored: Stored = {"services": {}, "routes": {}}
        """Other sections are there as soon as something stands in them."""
        self.fails: Exception | None = None
        """Raised by every call."""
        self.refuses: Exception | None = None
        """Raised by every write."""
        self.reads = 0
        self.writes: list[list[Edit]] = []
        self.after_write: Callable[[], object] | None = None
        self._count = 0
        for section, entities in (documents or {}).items():
            for id_, document in entities.items():
                self._count += 1
                self.stored.setdefault(section, {})[id_] = StoredEntity(document, f"v{self._count}")

    def set(self, section: str, id_: str, document: Document) -> str:
        """Store a document behind everybody's back; its version."""
        self._count += 1
        version = f"v{self._count}"
        self.stored = {**self.stored, section: {**self.stored.get(section, {}), id_: StoredEntity(document, version)}}
        return version

    @property
    def documents(self) -> Documents:
        """What is stored, without versions."""
        return documents_in(self.stored)

    async def read(self) -> Stored:
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        return self.stored

    async def write(self, edits: Sequence[Edit]) -> None:
        if self.fails or self.refuses:
            raise self.fails or self.refuses or AssertionError
        for edit in edits:
            current = self.stored.get(edit.section, {}).get(edit.id)
            if edit.expected is not None and edit.expected != (current.version if current else ""):
                raise StoreConflict(edit.section, edit.id)
        self.writes.append(list(edits))
        for edit in edits:
            if edit.document is not None:
                self.set(edit.section, edit.id, edit.document)
            else:
                kept = {id_: one for id_, one in self.stored[edit.section].items() if id_ != edit.id}
                self.stored = {**self.stored, edit.section: kept}
        if self.after_write is not None:
            self.after_write()


class MemoryHistory:
    """Keeps revisions and their documents."""

    def __init__(self) -> None:
        self.kept: list[tuple[Revision, Documents]] = []

    def add(self, documents: Documents, digest_: str = "d", cut: bool = False) -> Revision:
        """`documents` became live."""
        before = self.kept[-1][1] if self.kept else {}
        changes = changes_between(before, documents)
        names: dict[str, dict[str, Difference]] = {} if cut else named(changes)
        revision = Revision(len(self.kept) + 1, digest_, NOW, "memory", names, len(changes))
        self.kept.append((revision, documents))
        return revision

    def revisions(self) -> list[Revision]:
        return [revision for revision, _ in self.kept]

    def number_of(self, digest: str) -> int:
        return self.kept[-1][0].number if self.kept and self.kept[-1][0].digest == digest else 0

    def documents(self, number: int) -> Documents:
        for revision, documents in self.kept:
            if revision.number == number:
                return documents
        raise UnknownRevision(f"revision {number} is not kept")


class MemoryBoard:
    """Keeps what workers say."""

    def __init__(self, *workers: WorkerStatus) -> None:
        self.workers = list(workers)

    def publish(self, status: WorkerStatus) -> None:
        self.workers.append(status)

    def statuses(self) -> list[WorkerStatus]:
        return list(self.workers)


class Plane:
    """A control plane in memory. One worker runs, and every write becomes live at once unless `live` is false."""

    def __init__(self, documents: Documents | None = None, live: bool = True, worker: bool = True) -> None:
        self.store = MemoryStore(documents)
        self.history = MemoryHistory()
        self.board = MemoryBoard(*([WorkerStatus(7, NOW - 60, checked=NOW - 5)] if worker else []))
        self.events = RecordedEvents()
        self.reader = reader()
        self.slept = 0.0
        self.on_sleep: Callable[[], object] | None = None
        if live:
            self.go_live()
            self.store.after_write = self.go_live
        self.parts = AdminParts(
            self.store, self.reader, self.history, self.board, table, digest, self.events, lambda: NOW, self._sleep,
            "1", FILTERS, claims_of,
        )  # fmt: skip
        self.service = AdminService(self.parts)

    def go_live(self) -> None:
        """What is stored becomes live, unless it is broken."""
        documents = self.store.documents
        try:
            self.history.add(documents, digest(self.reader.config(documents, "memory")))
        except ConfigError:
            self.history.add(documents, "broken")

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds
        if self.on_sleep is not None:
            self.on_sleep()
