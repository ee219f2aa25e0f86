"""The admin API as its callers see it: what the command line needs of a gateway that runs. Not for serving it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Document, Documents, GatewayStatus, Outcome, Plan, Revision, StoredEntity


class AdminUnreachable(Exception):
    """The gateway cannot be asked: lines that say what, where, and what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class AdminRefused(Exception):
    """The gateway said no, and why."""

    def __init__(self, detail: str, problems: Sequence[ConfigProblem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = list(problems)


class AdminLacks(AdminRefused):
    """Nothing is stored under that id."""


class AdminConflict(AdminRefused):
    """What is stored is not what was expected: somebody else has changed it meanwhile."""


class Where(msgspec.Struct, frozen=True):
    """Which gateway to ask, and as whom. Empty stands for what the environment says, else the default."""

    server: str = ""
    """URL of its admin API."""
    token_file: str = ""
    """File that holds the token."""
    ca: str = ""
    """PEM file of the CA that its certificate is checked by."""


class Exported(msgspec.Struct, frozen=True):
    """A whole configuration as it is stored."""

    documents: Documents
    version: str
    """Changes whenever anything stored does; only ever compared."""


class AdminApi(Protocol):
    """Every method raises AdminUnreachable, and AdminRefused when the gateway says no.

    AdminLacks for an entity that is not there, AdminConflict where another version is stored than the expected one.
    """

    def entities(self, section: str) -> dict[str, StoredEntity]:
        """What is stored in a section, by id."""
        ...

    def entity(self, section: str, id_: str) -> StoredEntity:
        """One entity."""
        ...

    def put(self, section: str, id_: str, document: Document, expected: str | None = None) -> Outcome:
        """Create or replace one; `expected` is the version that must be stored, empty when it must not exist."""
        ...

    def delete(self, section: str, id_: str, expected: str | None = None) -> Outcome:
        """Remove one."""
        ...

    def export(self) -> Exported:
        """Everything."""
        ...

    def plan(self, documents: Documents) -> Plan:
        """What `apply` would do."""
        ...

    def apply(self, documents: Documents, expected: str | None = None) -> Outcome:
        """Make `documents` the whole configuration; `expected` is the version of the one that must be stored."""
        ...

    def history(self) -> list[Revision]:
        """The revisions that are kept, the newest first."""
        ...

    def rollback(self, number: int) -> Outcome:
        """Make the configuration of a revision live again."""
        ...

    def status(self) -> GatewayStatus:
        """The state of the whole gateway."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
