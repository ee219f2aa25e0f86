"""The admin API for tests of the commands: in memory, remembering what it was asked."""

from app.domain.admin_ports import AdminRefused, Exported
from app.domain.entities.config import SECTIONS, ConfigProblem
from app.domain.entities.control import (
    Document,
    Documents,
    EntityChange,
    GatewayStatus,
    Outcome,
    Plan,
    Revision,
    StoredEntity,
)

PROBLEMS = (
    ConfigProblem("request", "routes.a", "match.paths[0]", "expected a path"),
    ConfigProblem("gateway.yaml", "", "", "is not YAML", 7),
)
CHANGES = (
    EntityChange("services", "s", "added", None, {"url": "http://s"}),
    EntityChange("routes", "a", "changed", {"url": "http://a", "tags": []}, {"url": "http://b"}),
    EntityChange("routes", "b", "removed", {"url": "http://b"}, None),
)


class FakeAdmin:
    """Set `failure` to make everything raise it, `changes` to what a plan holds."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.stored: dict[str, dict[str, StoredEntity]] = {section: {} for section in SECTIONS}
        self.changes: tuple[EntityChange, ...] = CHANGES
        self.problems: tuple[ConfigProblem, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self.revision = 8
        self.revisions: list[Revision] = []
        self.found = GatewayStatus("1", "file gateway.yaml", 8, "d8", 0.25, ())
        self.version = "v0"
        self.asked: list[object] = []
        self.closed = False

    def refuse(self) -> None:
        """Make everything a refusal."""
        self.failure = AdminRefused("the configuration has mistakes", PROBLEMS)

    def _note(self, *what: object) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure

    def _outcome(self) -> Outcome:
        return Outcome(self.changes, self.revision, "d8" if self.revision else "", self.warnings)

    def entities(self, section: str) -> dict[str, StoredEntity]:
        self._note("entities", section)
        return self.stored[section]

    def entity(self, section: str, id_: str) -> StoredEntity:
        self._note("entity", section, id_)
        return self.stored[section][id_]

    def put(self, section: str, id_: str, document: Document, expected: str | None = None) -> Outcome:
        self._note("put", section, id_, document, expected)
        return self._outcome()

    def delete(self, section: str, id_: str, expected: str | None = None) -> Outcome:
        self._note("delete", section, id_, expected)
        return self._outcome()

    def export(self) -> Exported:
        self._note("export")
        documents = {
            section: {id_: entity.document for id_, entity in entities.items()}
            for section, entities in self.stored.items()
        }
        return Exported(documents, self.version)

    def plan(self, documents: Documents) -> Plan:
        self._note("plan", documents)
        return Plan(self.changes, self.problems, self.warnings, "d9")

    def apply(self, documents: Documents, expected: str | None = None) -> Outcome:
        self._note("apply", documents, expected)
        return self._outcome()

    def history(self) -> list[Revision]:
        self._note("history")
        return self.revisions

    def rollback(self, number: int) -> Outcome:
        self._note("rollback", number)
        return self._outcome()

    def status(self) -> GatewayStatus:
        self._note("status")
        return self.found

    def close(self) -> None:
        self.closed = True
