"""Whether entities that are gone from a store were meant to go (F-07). Not for single ones: these always were.

A store that was flushed looks like one whose routes were all deleted; serving nothing because of that is the worse
mistake.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config.entity_links import PIECE, Links
from app.infrastructure.config.entity_problems import ProblemTable
from app.infrastructure.config.entity_section import SectionState
from app.infrastructure.config.entity_steps import Steps

FEWEST: Final = 3
"""Entities that must vanish at once before anybody is suspicious."""

Gone = Mapping[str, Sequence[str]]
"""Section to ids."""


class Vanishing:
    """Removes what is gone, or keeps it. `hint` says what to set in the store so that it is meant."""

    def __init__(
        self,
        sections: Mapping[str, SectionState],
        links: Links,
        problems: ProblemTable,
        source: Callable[[str, str], str],
        hint: str,
    ) -> None:
        self._sections = sections
        self._links = links
        self._problems = problems
        self._source = source
        self._hint = f"; to mean it, set {hint}" if hint else ""
        self._what = ""

    def remove(self, gone: Gone, whole: bool, meant: bool) -> Steps[None]:
        """Take out what is gone. `whole`: it is missing from a full reading, which names what was kept again and again.

        While anything is kept, a section that empties counts together with it: a flush is seen hash by hash.
        """
        going = 0
        for count, (section, id_) in enumerate(_pairs(gone), 1):
            state = self._sections[section]
            going += id_ in state.live and not (whole and id_ in state.kept)
            if count % PIECE == 0:
                yield
        suspicious = not meant and self._suspicious(going, gone, whole)
        for count, (section, id_) in enumerate(_pairs(gone), 1):
            state = self._sections[section]
            if meant or not whole or id_ not in state.kept:
                self._take_out(section, id_, suspicious)
            if count % PIECE == 0:
                yield
        self._note(suspicious)

    def _take_out(self, section: str, id_: str, suspicious: bool) -> None:
        state = self._sections[section]
        if suspicious and id_ in state.live:
            state.keep(id_)
        else:
            state.drop(id_)
        self._links.touch(section, id_)

    def _suspicious(self, going: int, gone: Gone, whole: bool) -> bool:
        """Whether so many entities that are live and stood in the store a moment ago go by accident."""
        states = self._sections
        total = sum(len(state.live) for state in states.values())
        kept = sum(len(state.kept) for state in states.values()) if whole else 0
        present = sum(len(states[section].live) - len(states[section].kept) for section in gone)
        emptied = kept > 0 and 2 * going > present
        if 2 * (going + kept) <= total or not (going >= FEWEST or emptied):
            return False
        self._what = f"{going} of {total} entities vanished from the store at once: keeping them"
        return True

    def _note(self, new: bool) -> None:
        kept = sum(len(state.kept) for state in self._sections.values())
        reason = f"{self._what}; still missing: {kept}{self._hint}"
        problems = (ConfigProblem(self._source("", ""), "", "", reason),) if kept else ()
        self._problems.set(("", ""), problems, quiet=not new)


def _pairs(gone: Gone) -> Iterator[tuple[str, str]]:
    return ((section, id_) for section, ids in gone.items() for id_ in ids)
