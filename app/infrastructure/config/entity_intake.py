"""Reads entries of a store into what is known of its sections: only what is new, within limits. Not for removing."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from app.domain.control_ports import EntityReader
from app.domain.entities.config import AnyEntity, ConfigError, ConfigProblem
from app.infrastructure.config.entity_links import Links
from app.infrastructure.config.entity_problems import ProblemTable, bounded
from app.infrastructure.config.entity_references import Link
from app.infrastructure.config.entity_section import NOT_READ, SectionState
from app.infrastructure.config.entity_steps import Steps
from app.infrastructure.config.field_checks import id_problem
from app.infrastructure.config.wording import shown

MAX_ENTITY: Final = 1024 * 1024
MAX_ENTITIES: Final = 200_000
RETRIED: Final = 1000
"""Entries that were refused and are judged again at a full reading: a file that they name may be there by now."""

_PIECE: Final = 1000
"""Cost of the work between two pauses: about a millisecond."""
_DECODED: Final = 25
"""Cost of an entry that is decoded; one that is only compared costs 1."""
_REFUSED: Final = 250
"""Cost of an entry that turns out to be bad: what is wrong with it is looked for in every corner."""
_BYTES: Final = 20
"""Bytes of an entry to decode that cost 1 more."""

Entries = Mapping[str, bytes | None]


class LedgerLimits(msgspec.Struct, frozen=True):
    """How much of a store is looked at (A-69, A-70)."""

    max_entity: int = MAX_ENTITY
    """Bytes of one entity."""
    max_entities: int = MAX_ENTITIES
    """Entities of one section."""


class TextReader(EntityReader, Protocol):
    """An EntityReader that also takes text: `EntityDecoder`."""

    def read(self, section: str, id_: str, data: bytes, source: str, known: AnyEntity | None = None) -> AnyEntity:
        """The entity in JSON text; `known` is taken to be good. Raises ConfigError."""
        ...

    def links(self, entity: AnyEntity) -> list[Link]:
        """What an entity without mistakes names of others."""
        ...


class Intake:
    """Compares, decodes, notes. `source` names places for people."""

    def __init__(
        self,
        reader: TextReader,
        limits: LedgerLimits,
        links: Links,
        problems: ProblemTable,
        source: Callable[[str, str], str],
    ) -> None:
        self._reader = reader
        self._limits = limits
        self._links = links
        self._problems = problems
        self._source = source

    def take(self, section: str, state: SectionState, entries: Entries, whole: bool) -> Steps[list[str]]:
        """Take entries in; the ids of what is gone. `whole`: whatever is not among them is."""
        excess = self._excess(section, state, entries, whole)
        cost, retries = 0, RETRIED if whole else 0
        for id_, data in entries.items():
            if data is None or id_ in excess:
                continue
            cost += 1
            digest = self._digest(data)
            if state.seen.get(id_) == digest:
                retry = retries > 0 and id_ in state.bad
                retries -= retry
                if not retry:
                    state.kept.discard(id_)
                    if cost >= _PIECE:
                        cost = 0
                        yield
                    continue
            decoded = self._decoded(section, id_, data, _adopted(state, id_))
            state.take(id_, digest, decoded)
            self._links.touch(section, id_)
            cost += (_REFUSED if isinstance(decoded, tuple) else _DECODED) + len(data) // _BYTES
            if cost >= _PIECE:
                cost = 0
                yield
        if not whole:
            return [id_ for id_, data in entries.items() if data is None and id_ in state.seen]
        return (yield from _missing(state, entries))

    def _excess(self, section: str, state: SectionState, entries: Entries, whole: bool) -> set[str]:
        """Entries that are not looked at because there are too many; those that were let in before are not among them.

        Which of the others are is settled by their ids, so that all gateways agree.
        """
        most = self._limits.max_entities
        expected = len(entries) if whole else len(entries) + len(state.seen)
        excess: set[str] = set()
        if expected > most:
            new = sorted(id_ for id_, data in entries.items() if data is not None and id_ not in state.seen)
            known = len(entries) - len(new) if whole else len(state.seen)
            excess = set(new[max(most - known, 0) :])
        if excess or whole:
            reason = f"holds more than {most} entities: those beyond are left out"
            problem = ConfigProblem(self._source(section, ""), section, "", reason)
            self._problems.set((section, ""), (problem,) if excess else ())
        return excess

    def _digest(self, data: bytes) -> bytes:
        if len(data) > self._limits.max_entity:
            return b"%d bytes" % len(data)
        return blake2b(data, digest_size=16).digest()

    def _decoded(
        self, section: str, id_: str, data: bytes, adopted: AnyEntity | None
    ) -> AnyEntity | tuple[ConfigProblem, ...]:
        """Whatever somebody wrote leads to an entity or to problems, never to an error that would end following."""
        try:
            if len(data) > self._limits.max_entity:
                raise ConfigError([ConfigProblem("", "", "", f"is larger than {self._limits.max_entity} bytes")])
            return self._reader.read(section, id_, data, "", adopted)
        except ConfigError as error:
            found = error.problems
        except Exception as error:
            found = [ConfigProblem("", "", "", f"cannot be judged ({type(error).__name__})")]
        name = shown(id_) if id_problem(id_) else id_
        source, entity = self._source(section, name), f"{section}.{name}"
        return bounded([msgspec.structs.replace(problem, source=source, entity=entity) for problem in found])


def _adopted(state: SectionState, id_: str) -> AnyEntity | None:
    """What was judged a moment ago, when the copy of the last configuration was read."""
    unread = state.seen.get(id_, NOT_READ) == NOT_READ and id_ not in state.kept
    return state.live.get(id_) if unread else None


def _missing(state: SectionState, entries: Entries) -> Steps[list[str]]:
    missing = []
    for count, id_ in enumerate(list(state.seen), 1):
        if id_ not in entries:
            missing.append(id_)
        if count % (2 * _PIECE) == 0:
            yield
    return missing
