"""Which parts of a stored document are secret, and how they are hidden from those who may only read.

Not for references such as `env:NAME`: they tell nothing. Not for values inside the gateway: those hide themselves.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from app.domain.entities.control import Document, Documents, EntityChange, Stored, StoredEntity

MASK: Final = "(secret)"
"""Stands for a secret. Sent back in a change, it stands for what is stored there."""

_JWK: Final = frozenset({"k", "d", "p", "q", "dp", "dq", "qi", "oth"})
"""What of a JSON Web Key is private (RFC 7518 section 6)."""
_SECRET: Final[Mapping[str, frozenset[str]]] = {
    "services": frozenset({"sign_with"}),
    "issuers": frozenset({"secret"}) | _JWK,
    "consumers": frozenset({"secret", "password"}),
}
"""Names of fields by section, at whatever depth: a document that the gateway refuses may have any shape."""
_IDENTITY: Final = ("id", "username", "kid")
"""What tells the entries of a list apart."""
_REFERENCE: Final = re.compile(r"env:\S*|file:/.*", re.DOTALL)


class Unmasked(NamedTuple):
    """A document whose secrets are back, and the places of those that nothing is stored for."""

    document: Document
    missing: list[str]


def masked(section: str, document: Document) -> Document:
    """`document` with the mask in place of each secret. References stay."""
    names = _SECRET.get(section)
    if names is None or (section == "services" and _is_plain_service(document)):
        return document
    return _masked(document, names)


def masked_documents(documents: Documents) -> Documents:
    """Every document of a configuration, masked."""
    return {
        section: {id_: masked(section, document) for id_, document in entities.items()}
        for section, entities in documents.items()
    }


def masked_stored(stored: Stored) -> Stored:
    """Everything stored, masked; versions stay."""
    return {
        section: {id_: masked_entity(section, entity) for id_, entity in entities.items()}
        for section, entities in stored.items()
    }


def masked_entity(section: str, entity: StoredEntity) -> StoredEntity:
    """One stored entity, masked; its version stays."""
    return StoredEntity(masked(section, entity.document), entity.version)


def masked_change(change: EntityChange) -> EntityChange:
    """A change whose documents are masked."""
    return msgspec.structs.replace(
        change, before=masked(change.section, change.before), after=masked(change.section, change.after)
    )


def holds_mask(value: object) -> bool:
    """Whether a mask stands somewhere in a value of whatever shape."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, Mapping):
            todo += one.values()
        elif isinstance(one, list | tuple):
            todo += one
        elif one == MASK:
            return True
    return False


def unmasked(section: str, document: Document, stored: Document | None) -> Unmasked:
    """`document` with what `stored` has in place of each mask; entries of lists are matched by what they are called."""
    missing: list[str] = []
    names = _SECRET.get(section)
    if names is not None and not (section == "services" and _is_plain_service(document)):
        document = _Unmasking(names, missing).walk(document, stored, "")
    return Unmasked(document, missing)


def _is_plain_service(document: Document) -> bool:
    """There may be very many services, and few that sign."""
    return isinstance(document, Mapping) and "isolation" not in document


def _masked(value: object, names: frozenset[str]) -> object:
    if isinstance(value, Mapping):
        return {name: _hidden(inner) if name in names else _masked(inner, names) for name, inner in value.items()}
    return [_masked(inner, names) for inner in value] if isinstance(value, list | tuple) else value


def _hidden(value: object) -> object:
    tells_nothing = value is None or value == "" or (isinstance(value, str) and _REFERENCE.fullmatch(value))
    return value if tells_nothing else MASK


class _Unmasking:
    def __init__(self, names: frozenset[str], missing: list[str]) -> None:
        self._names = names
        self._missing = missing

    def walk(self, value: object, stored: object, path: str) -> object:
        if isinstance(value, Mapping):
            known = stored if isinstance(stored, Mapping) else {}
            return {name: self._field(name, inner, known.get(name), path) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [
                self.walk(inner, _counterpart(inner, index, stored), f"{path}[{index}]")
                for index, inner in enumerate(value)
            ]
        return value

    def _field(self, name: str, value: object, stored: object, path: str) -> object:
        place = f"{path}.{name}" if path else str(name)
        if name not in self._names:
            return self.walk(value, stored, place)
        if value != MASK:
            return value
        if stored is None or stored == MASK:
            self._missing.append(place)
        return stored


def _counterpart(entry: object, index: int, stored: object) -> object:
    """The stored entry of the same name; the one of the same place where entries have none."""
    if not isinstance(stored, list | tuple):
        return None
    identity = _identity(entry)
    if identity is not None:
        return next((one for one in stored if _identity(one) == identity), None)
    same = stored[index] if index < len(stored) else None
    return same if _identity(same) is None else None


def _identity(entry: object) -> tuple[str, object] | None:
    if isinstance(entry, Mapping):
        for name in _IDENTITY:
            if name in entry:
                return name, entry[name]
    return None
