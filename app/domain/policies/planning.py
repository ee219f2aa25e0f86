"""What differs between two configurations as they are written, and the edits that make one of the other.

Not for whether either can be used.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Difference, Document, Documents, Edit, EntityChange, Stored

MOST_NAMED: Final = 100
"""How many entities of a change are named where they are only told of."""

_canonical: Final = msgspec.json.Encoder(order="sorted").encode


def same(one: Document, other: Document) -> bool:
    """Whether two documents are the same JSON; Python's own comparison takes 1 for true."""
    return _canonical(one) == _canonical(other)


def documents_in(stored: Stored) -> Documents:
    """What is stored, without its versions."""
    return {
        section: {id_: entity.document for id_, entity in stored.get(section, {}).items()}
        for section in SECTIONS
        if section in stored
    }


def sections_of(documents: object) -> Documents:
    """Those parts of `documents` that have the shape of a configuration; somebody else tells what is wrong with it."""
    if not isinstance(documents, Mapping):
        return {}
    found = {section: documents.get(section) for section in SECTIONS}
    return {section: dict(entities) for section, entities in found.items() if isinstance(entities, Mapping)}


def change_of(section: str, id_: str, before: Document | None, after: Document | None) -> EntityChange | None:
    """How an entity differs; None stands for no document, and is returned for no difference."""
    if before is None and after is None:
        return None
    difference: Difference = "changed"
    if before is None:
        difference = "added"
    elif after is None:
        difference = "removed"
    elif same(before, after):
        return None
    return EntityChange(section, id_, difference, before, after)


def changes_between(before: Documents, after: Documents) -> tuple[EntityChange, ...]:
    """Every difference, services before the routes that may refer to them, by id."""
    found = []
    for section in SECTIONS:
        old, new = before.get(section, {}), after.get(section, {})
        for id_ in sorted(old.keys() | new.keys()):
            change = change_of(section, id_, old.get(id_), new.get(id_))
            if change is not None:
                found.append(change)
    return tuple(found)


def edits_for(changes: Iterable[EntityChange], stored: Stored) -> list[Edit]:
    """The edits that make `changes` of what is stored, each on condition that its entity still is as it was read."""
    edits = []
    for change in changes:
        current = stored.get(change.section, {}).get(change.id)
        edits.append(Edit(change.section, change.id, change.after, current.version if current else ""))
    return edits


def version_of(stored: Stored) -> str:
    """16 characters that change whenever anything stored does."""
    versions = {
        section: {id_: entity.version for id_, entity in entities.items()} for section, entities in stored.items()
    }
    return blake2b(_canonical(versions), digest_size=8).hexdigest()


def named(changes: Iterable[EntityChange]) -> dict[str, dict[str, Difference]]:
    """Section to id to what happens, of the first hundred: for telling of changes without their values."""
    names: dict[str, dict[str, Difference]] = {}
    for change, _ in zip(changes, range(MOST_NAMED), strict=False):
        names.setdefault(change.section, {})[change.id] = change.difference
    return names
