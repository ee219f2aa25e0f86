"""What the control plane speaks of: stored entities, edits, revisions, plans, status. Not for what traffic meets."""

from typing import Any, Literal

import msgspec

from app.domain.entities.config import ConfigProblem

Document = Any
"""An entity as its author wrote it: plain JSON values, references such as `env:NAME` unresolved."""

Documents = dict[str, dict[str, Document]]
"""Section (`services`, `issuers`, …) to id to document. A whole configuration as it is written."""

Difference = Literal["added", "changed", "removed"]


class StoredEntity(msgspec.Struct, frozen=True):
    """One entity in the store."""

    document: Document
    version: str
    """Changes whenever the stored document does; only ever compared."""


Stored = dict[str, dict[str, StoredEntity]]
"""Section to id to what is stored there, also when the gateway refuses it."""


class Edit(msgspec.Struct, frozen=True):
    """One change to the store."""

    section: str
    id: str
    document: Document | None
    """None removes the entity."""
    expected: str | None = None
    """The version that must still be stored; empty when the entity must not exist; None asks for nothing."""


class Revision(msgspec.Struct, frozen=True):
    """One configuration that was live on this gateway."""

    number: int
    """From 1, each larger than the one before; 0 stands for none."""
    digest: str
    """Equal on every gateway that runs the same configuration."""
    time: float
    """Seconds since 1970 at which it became live."""
    source: str
    """The store that it came from."""
    changes: dict[str, dict[str, Difference]] = {}
    """Section to id to what happened to it; cut at a hundred."""
    changed: int = 0
    """How many entities are different from the revision before."""
    services: int = 0
    routes: int = 0
    issuers: int = 0
    consumers: int = 0
    chains: int = 0


class EntityChange(msgspec.Struct, frozen=True):
    """What a plan would do to one entity."""

    section: str
    id: str
    difference: Difference
    before: Document | None = None
    after: Document | None = None


class Plan(msgspec.Struct, frozen=True):
    """What would happen if documents were applied."""

    changes: tuple[EntityChange, ...]
    problems: tuple[ConfigProblem, ...]
    """Why it would be refused; nothing is applied when there is one."""
    warnings: tuple[str, ...] = ()
    """Routes that would never be reached, or that share their matches, because of the changes."""
    digest: str = ""
    """Of the configuration that would be live; empty when there are problems."""


class Outcome(msgspec.Struct, frozen=True):
    """What an applied change led to."""

    changes: tuple[EntityChange, ...]
    revision: int = 0
    """The revision in which it is live here; 0 when that was not seen within the time that a caller waits."""
    digest: str = ""
    warnings: tuple[str, ...] = ()


class TargetStatus(msgspec.Struct, frozen=True):
    """One target, as one worker sees it."""

    service: str
    """Id of the service, or the url of a route without one."""
    url: str
    in_flight: int = 0


class WorkerStatus(msgspec.Struct, frozen=True):
    """What one worker says of itself. Times are seconds since 1970."""

    pid: int
    started: float
    revision: int = 0
    digest: str = ""
    applied: float = 0.0
    """When its configuration became live."""
    checked: float = 0.0
    """When it last knew that this is what the store holds."""
    routes: int = 0
    services: int = 0
    problem: str = ""
    """Why the store cannot be followed now; empty when it can."""
    refused: tuple[ConfigProblem, ...] = ()
    """Entities of the store that are not live as they stand there; a hundred at most."""
    targets: tuple[TargetStatus, ...] = ()
    """A thousand at most."""
    issuers: int = 0
    consumers: int = 0
    chains: int = 0


class GatewayStatus(msgspec.Struct, frozen=True):
    """The whole gateway."""

    version: str
    store: str
    """Where the configuration lives, without passwords."""
    revision: int
    digest: str
    age: float
    """Seconds since a worker last knew that its configuration is what the store holds; -1 when none ever did."""
    workers: tuple[WorkerStatus, ...]
    refused: tuple[ConfigProblem, ...] = ()
