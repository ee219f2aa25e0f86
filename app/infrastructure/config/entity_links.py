"""Which entities become live, by what they say of one another. Not for whether an entity is good by itself.

An entity waits until everything that it names is there. It stays as it was for as long as a live one needs it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from app.domain.entities.config import SECTIONS, AnyEntity, ConfigProblem
from app.infrastructure.config.entity_admission import Admission
from app.infrastructure.config.entity_holding import holding_reason
from app.infrastructure.config.entity_problems import ProblemTable
from app.infrastructure.config.entity_references import MUST_BE_ENABLED, Link
from app.infrastructure.config.entity_rivals import Rivals
from app.infrastructure.config.entity_section import Key, SectionState
from app.infrastructure.config.entity_steps import Steps
from app.infrastructure.config.entity_uses import Uses
from app.infrastructure.config.field_path import Path, render

PIECE: Final = 100
"""Entities that are settled without a pause: about a millisecond."""

Due = dict[str, dict[str, None]]
"""Section to ids, in their order."""


class Links:
    """Settles what is live after something else stands in the store. `changed` gathers it: section to id to entity."""

    def __init__(
        self,
        sections: Mapping[str, SectionState],
        links_of: Callable[[AnyEntity], list[Link]],
        problems: ProblemTable,
        source: Callable[[str, str], str],
    ) -> None:
        self._sections = sections
        self._links_of = links_of
        self._problems = problems
        self._source = source
        self._uses = Uses()
        """What live entities name."""
        self._waiting = Uses()
        """What entities lack that are good but not live."""
        self._rivals = Rivals()
        self._admission = Admission(sections, self._uses, self._rivals)
        self._held: set[Key] = set()
        """What is live though it is gone, or switched off."""
        self._due: Due = {section: {} for section in SECTIONS}
        self._leaving: Due = {section: {} for section in SECTIONS}
        """What is gone or switched off, to be settled once everything else is: it may be needed until then."""
        self._told: dict[Key, tuple[Path, str]] = {}
        """Where entities are not live as they stand in the store, and why; to be noted once all is settled."""
        self.changed: dict[str, dict[str, AnyEntity | None]] = {section: {} for section in SECTIONS}

    def touch(self, section: str, id_: str) -> None:
        """Something else stands in the store for an entity: to be settled, with whatever waits for it."""
        self._due[section][id_] = None
        if self._waiting:
            self._wake(self._waiting.of((section, id_)))

    def adopt(self, section: str, id_: str, entity: AnyEntity) -> None:
        """An entity is live already."""
        self._sections[section].live[id_] = entity
        self._uses.put((section, id_), _keys(self._links_of(entity)))
        if section == "consumers":
            self._rivals.claim(id_, entity)

    def settle(self) -> Steps[None]:
        """Make everything live that can be; what is due stays due when this is not taken to its end."""
        yield from self._claim()
        while any(self._due.values()) or any(self._leaving.values()):
            for section in SECTIONS:
                yield from self._each(section, self._due[section], self._rise)
            for section in reversed(SECTIONS):
                yield from self._each(section, self._leaving[section], self._fall)
        yield from self._note()

    def _each(self, section: str, ids: dict[str, None], settle: Callable[[Key], None]) -> Steps[None]:
        for count, id_ in enumerate(list(ids), 1):
            del ids[id_]
            settle((section, id_))
            if count % PIECE == 0:
                yield

    def _claim(self) -> Steps[None]:
        """Who has which credential shows before any consumer is looked at."""
        due, state = self._due["consumers"], self._sections["consumers"]
        for count, id_ in enumerate(due, 1):
            self._rivals.claim(id_, state.candidate(id_))
            if count % PIECE == 0:
                yield
        moved = yield from self._rivals.moved()
        due.update(dict.fromkeys(moved))

    def _rise(self, key: Key) -> None:
        section, id_ = key
        wanted = self._sections[section].candidate(id_)
        if wanted is None or self._holders(key, wanted):
            self._leaving[section][id_] = None
        else:
            self._enter(key, wanted)

    def _fall(self, key: Key) -> None:
        section, id_ = key
        wanted = self._sections[section].candidate(id_)
        holders = self._holders(key, wanted)
        if holders:
            self._held.add(key)
            self._told[key] = (), holding_reason(holders, gone=wanted is None)
        elif wanted is None:
            self._make_live(key, None, ())
            self._told[key] = (), ""
        else:
            self._enter(key, wanted)

    def _holders(self, key: Key, wanted: AnyEntity | None) -> set[Key]:
        """Live entities that need one as it was. A consumer needs not be asked for: removing one counts at once."""
        section, _ = key
        users = self._uses.of(key)
        if not users or section == "consumers" or (wanted is not None and wanted.enabled):
            return set()
        if wanted is None:
            return set(users)
        if section not in MUST_BE_ENABLED:
            return set()
        return {user for user in users if self._sections[user[0]].live[user[1]].enabled}

    def _enter(self, key: Key, wanted: AnyEntity) -> None:
        """Make an entity live, unless it has to wait."""
        links = self._links_of(wanted)
        lacking, path, reason = self._admission.lack(key, wanted, links)
        if not reason:
            self._make_live(key, wanted, _keys(links))
        self._waiting.put(key, lacking)
        self._told[key] = path, reason

    def _make_live(self, key: Key, entity: AnyEntity | None, keys: Iterable[Key]) -> None:
        section, id_ = key
        live = self._sections[section].live
        before = live.get(id_)
        if entity is None:
            live.pop(id_, None)
            self._waiting.put(key, ())
        else:
            live[id_] = entity
        self._held.discard(key)
        if before != entity:
            self.changed[section][id_] = entity
            if self._waiting:
                self._wake(self._waiting.of(key))
        released = self._uses.named(key)
        self._uses.put(key, keys)
        if self._held:
            self._wake(self._held.intersection([*released, *self._uses.named(key)]))

    def _wake(self, keys: Iterable[Key]) -> None:
        for section, id_ in keys:
            self._due[section][id_] = None

    def _note(self) -> Steps[None]:
        for count, key in enumerate(list(self._told), 1):
            path, reason = self._told.pop(key)
            section, id_ = key
            bad = self._sections[section].bad.get(id_, ())
            problems = bad
            if reason:
                problem = ConfigProblem(self._source(section, id_), f"{section}.{id_}", render(path), reason)
                problems = (*bad, problem)
            self._problems.set(key, problems, quiet=key in self._held and not bad)
            if count % PIECE == 0:
                yield


def _keys(links: Iterable[Link]) -> list[Key]:
    return [(link.section, link.id) for link in links]
