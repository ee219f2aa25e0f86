"""What is different between two configurations, as a journal keeps it. Not for writing it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from app.domain.entities.config import SECTIONS, AnyEntity, GatewayConfig
from app.domain.entities.control import Difference
from app.infrastructure.control.journal_file import State

CHANGES: Final = 100
"""Changes that a revision tells of one by one."""

Delta = dict[str, dict[str, bytes | None]]
"""Section to id to the entity as JSON; None for one that is gone."""
Encode = Callable[[AnyEntity], bytes]


class Change(NamedTuple):
    """What a recorder is told."""

    before: GatewayConfig
    after: GatewayConfig
    changed: Mapping[str, Sequence[str]]
    """Section to ids."""
    digest: str
    """Of `after`."""


class Differences:
    """Counts changes, and keeps the first hundred."""

    def __init__(self) -> None:
        self.first: dict[str, dict[str, Difference]] = {}
        self.count = 0

    def add(self, section: str, id_: str, was: bool, is_: bool) -> None:
        """Whether there was such an entity, and whether there is one now."""
        self.count += 1
        if self.count <= CHANGES:
            difference: Difference = "removed" if not is_ else "changed" if was else "added"
            self.first.setdefault(section, {})[id_] = difference


def told(change: Change, encode: Encode) -> tuple[Delta, Differences]:
    """What the caller says that has changed; nothing else is looked at."""
    delta: Delta = {}
    differences = Differences()
    for section, ids in change.changed.items():
        old, new = entities_of(change.before, section), entities_of(change.after, section)
        for id_ in ids:
            entity = new.get(id_)
            if entity is not None or id_ in old:
                delta.setdefault(section, {})[id_] = None if entity is None else encode(entity)
                differences.add(section, id_, id_ in old, entity is not None)
    return delta, differences


def compared(state: State, after: GatewayConfig, encode: Encode) -> tuple[Delta, Differences]:
    """What is different from `state`: it was written by another process, or before this one started."""
    delta: Delta = {}
    differences = Differences()
    for section in SECTIONS:
        old, new = state.get(section, {}), entities_of(after, section)
        changes: dict[str, bytes | None] = dict.fromkeys(id_ for id_ in old if id_ not in new)
        for id_, entity in new.items():
            data = encode(entity)
            if old.get(id_) != data:
                changes[id_] = data
        for id_, document in changes.items():
            differences.add(section, id_, id_ in old, document is not None)
        delta[section] = changes
    return delta, differences


def entities_of(config: GatewayConfig, section: str) -> Mapping[str, AnyEntity]:
    """The entities of one section."""
    entities: Mapping[str, AnyEntity] = getattr(config, section)
    return entities
