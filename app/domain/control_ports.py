"""What the control plane needs from the outside, on one page. Not for what a request needs: `ports`."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.entities.config import AnyEntity, GatewayConfig
from app.domain.entities.control import Document, Documents, Edit, Revision, Stored, WorkerStatus


class StoreError(Exception):
    """The store cannot do what was asked for: a line that says what, where, and what to do."""


class StoreUnavailable(StoreError):
    """It does not answer, or refuses us. The same request may succeed later."""


class StoreConflict(StoreError):
    """Somebody else changed the entity meanwhile; nothing was written."""

    def __init__(self, section: str, id_: str) -> None:
        super().__init__(f"{section}.{id_} was changed by somebody else meanwhile: read it again")
        self.section = section
        self.id = id_


class StoreRejected(StoreError):
    """It will never take that: a file that is no longer valid YAML, say."""


class ConfigStore(Protocol):
    """Where the configuration lives, for those who edit it."""

    @property
    def name(self) -> str:
        """For people: `file gateway.yaml`, `redis://10.0.0.1:6379/0`. Never a password."""
        ...

    async def read(self) -> Stored:
        """Everything that is stored. Raises StoreError."""
        ...

    async def write(self, edits: Sequence[Edit]) -> None:
        """All of the edits, or none when an expected version is not there. Raises StoreError."""
        ...


class EntityReader(Protocol):
    """Makes entities of documents, by the rules of the configuration."""

    def entity(self, section: str, id_: str, document: Document, source: str) -> AnyEntity:
        """One entity by itself; references to others are not looked at. Raises ConfigError."""
        ...

    def config(self, documents: Documents, source: str) -> GatewayConfig:
        """A whole configuration, references and all. Raises ConfigError with every problem found."""
        ...


class UnknownRevision(Exception):
    """A revision that the history does not hold, any more or yet."""


class History(Protocol):
    """The configurations that were live on this gateway, a bounded number of them. Blocks while it reads files."""

    def revisions(self) -> list[Revision]:
        """All that are kept, the oldest first."""
        ...

    def number_of(self, digest: str) -> int:
        """The newest revision if it has this digest, else 0."""
        ...

    def documents(self, number: int) -> Documents:
        """The configuration of a revision as documents. Raises UnknownRevision."""
        ...


class Recorder(Protocol):
    """Writes the history. One worker of a gateway does; the others find out what it wrote."""

    def record(
        self, before: GatewayConfig, after: GatewayConfig, changed: Mapping[str, Sequence[str]], digest: str
    ) -> int:
        """Note that `after` is live; `changed` is section to ids. The number of its revision, 0 while it is not known.

        Blocks while it writes. Failures are reported by the implementation, never raised.
        """
        ...

    def close(self) -> None:
        """Let another worker write."""
        ...


class StatusBoard(Protocol):
    """Where the workers of one gateway tell how they are. Blocks while it reads or writes files; never raises."""

    def publish(self, status: WorkerStatus) -> None:
        """Replace what this worker said before."""
        ...

    def statuses(self) -> list[WorkerStatus]:
        """What every worker that is alive said last."""
        ...
