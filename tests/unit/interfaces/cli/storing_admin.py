"""An admin API for tests of the commands that stores what it is given, and knows versions."""

from typing import Any

from app.domain.admin_ports import AdminConflict, AdminLacks
from app.domain.entities.control import Document, EntityChange, Outcome, StoredEntity
from tests.unit.interfaces.cli.fake_admin import FakeAdmin
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox


class StoringAdmin(FakeAdmin):
    """Others write what is in `overtaken`, one document after each read of an entity."""

    def __init__(self) -> None:
        super().__init__()
        self.overtaken: list[Document] = []
        self._count = 0

    def store(self, section: str, id_: str, document: Document) -> None:
        self._count += 1
        self.stored[section][id_] = StoredEntity(document, f"v{self._count}")

    def entity(self, section: str, id_: str) -> StoredEntity:
        self._note("entity", section, id_)
        found = self.stored[section].get(id_)
        if self.overtaken:
            self.store(section, id_, self.overtaken.pop(0))
        if found is None:
            raise AdminLacks(f"{section}.{id_} does not exist")
        return found

    def put(self, section: str, id_: str, document: Document, expected: str | None = None) -> Outcome:
        self._note("put", section, id_)
        current = self.stored[section].get(id_)
        if expected is not None and expected != (current.version if current else ""):
            raise AdminConflict("somebody else changed it")
        self.store(section, id_, document)
        change = EntityChange(section, id_, "changed" if current else "added", None, document)
        return Outcome((change,), self.revision, "d8" if self.revision else "", self.warnings)


def storing(**consumers: Any) -> tuple[FakeToolbox, StoringAdmin]:
    """A toolbox over an admin API that has these consumers."""
    toolbox, admin = FakeToolbox(), StoringAdmin()
    toolbox.remote = admin
    for id_, document in consumers.items():
        admin.store("consumers", id_, document)
    return toolbox, admin


def document_of(admin: StoringAdmin, id_: str) -> Any:
    """What is stored of a consumer."""
    return admin.stored["consumers"][id_].document
