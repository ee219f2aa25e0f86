"""What a store of single entities holds, and which of it is live: the last good value of each. Not for reading stores.

Shared by the repositories over Redis and Consul. Nothing that a store holds raises an error here (A-69).
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.entities.config import SECTIONS, ConfigChange, ConfigProblem, GatewayConfig
from app.domain.ports import Events
from app.infrastructure.config.entity_intake import Entries, Intake, LedgerLimits, TextReader
from app.infrastructure.config.entity_links import Links
from app.infrastructure.config.entity_problems import ProblemTable
from app.infrastructure.config.entity_section import NOT_READ, Key, SectionState
from app.infrastructure.config.entity_steps import Steps, at_once
from app.infrastructure.config.entity_vanishing import Vanishing


class EntityLedger:
    """Takes readings of a store and answers what changes for traffic.

    All methods are for one task at a time, and may run in a thread. Work comes in two forms: `replace` does it at once,
    `replacing` in steps of a few milliseconds (`await in_pieces(ledger.replacing(…))`), with the same result. Steps
    that are not taken to their end are made up for by the next work; what is handed in must not change meanwhile.
    """

    def __init__(
        self,
        reader: TextReader,
        events: Events,
        limits: LedgerLimits,
        source: Callable[[str, str], str],
        hint: str = "",
    ) -> None:
        """`source(section, id)` names a place for people (`redis gateway:routes hello`); id and section may be empty.

        `hint` says what to set in the store so that removing most entities at once is meant (`gateway:allow-empty`).
        """
        self._sections = {section: SectionState() for section in SECTIONS}
        self._problems = ProblemTable(events)
        self._links = Links(self._sections, reader.links, self._problems, source)
        self._intake = Intake(reader, limits, self._links, self._problems, source)
        self._vanishing = Vanishing(self._sections, self._links, self._problems, source, hint)

    @property
    def problems(self) -> tuple[ConfigProblem, ...]:
        """Everything in the store that is not live as it stands there, by section and id."""
        return self._problems.all()

    def changed_problems(self) -> dict[Key, tuple[ConfigProblem, ...]]:
        """Problems that are new or different since this was asked last; nothing for those that are healed.

        Ids are as the store has them, whatever these are.
        """
        return self._problems.changed()

    def config(self) -> GatewayConfig:
        """What is live: a copy, whose references all lead somewhere."""
        live: Any = {section: dict(state.live) for section, state in self._sections.items()}
        return GatewayConfig(**live)

    def adopt(self, config: GatewayConfig) -> None:
        """Start from `config`, the last configuration that worked, before the first reading of the store.

        Its entities are live, and the last good values of theirs, until the store says otherwise.
        """
        for section in SECTIONS:
            for id_, entity in getattr(config, section).items():
                self._sections[section].take(id_, NOT_READ, entity)
                self._links.adopt(section, id_, entity)

    def replace(self, entries: Mapping[str, Mapping[str, bytes]], wiped: bool = False) -> ConfigChange:
        """A full reading of the store: section to id to value. What is not in it is gone.

        When more than half of all live entities would go, and three at least, none of them does (F-07): the store
        was probably emptied by accident. They stay until they are written again, or named as gone by `update`, or
        missing from a reading that is `wiped`: the store says that it is meant. The flush of a whole store is best
        told by one full reading.
        """
        return at_once(self.replacing(entries, wiped))

    def replacing(self, entries: Mapping[str, Mapping[str, bytes]], wiped: bool = False) -> Steps[ConfigChange]:
        """`replace` in steps. Only entries whose bytes differ from those seen last are decoded."""
        return self._work({section: entries.get(section, {}) for section in SECTIONS}, True, wiped)

    def replace_section(self, section: str, entries: Mapping[str, bytes], wiped: bool = False) -> ConfigChange:
        """A full reading of one section; see `replace`."""
        return at_once(self.replacing_section(section, entries, wiped))

    def replacing_section(self, section: str, entries: Mapping[str, bytes], wiped: bool = False) -> Steps[ConfigChange]:
        """`replace_section` in steps."""
        return self._work({section: entries}, True, wiped)

    def update(self, section: str, entries: Entries, wiped: bool = False) -> ConfigChange:
        """Single entries that were read again; None for one that is gone."""
        return at_once(self.updating(section, entries, wiped))

    def updating(self, section: str, entries: Entries, wiped: bool = False) -> Steps[ConfigChange]:
        """`update` in steps."""
        return self._work({section: entries}, False, wiped)

    def updating_all(self, entries: Mapping[str, Entries], wiped: bool = False) -> Steps[ConfigChange]:
        """`update` of several sections in steps: what names something may come together with it, and go with it."""
        return self._work({section: entries.get(section, {}) for section in SECTIONS}, False, wiped)

    def _work(self, readings: Mapping[str, Entries], whole: bool, wiped: bool) -> Steps[ConfigChange]:
        gone = {}
        for section, entries in readings.items():
            gone[section] = yield from self._intake.take(section, self._sections[section], entries, whole)
        yield from self._vanishing.remove(gone, whole, wiped)
        yield from self._links.settle()
        self._problems.tell()
        changed: Any = self._links.changed
        self._links.changed = {section: {} for section in SECTIONS}
        return ConfigChange(**changed)
