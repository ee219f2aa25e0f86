"""Why an entity that is good by itself cannot become live. Not for making it live.

What counts is what else is live, and what else stands in the store.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity
from app.infrastructure.config.chain_circles import around, circle_reason, expansion_reason, with_chain
from app.infrastructure.config.entity_references import MUST_BE_ENABLED, Link, named
from app.infrastructure.config.entity_rivals import Rivals
from app.infrastructure.config.entity_section import Key, SectionState
from app.infrastructure.config.entity_uses import Uses
from app.infrastructure.config.field_path import Path


class Admission:
    """`uses` is what live entities name, `rivals` what consumers claim; both are kept up to date by others."""

    def __init__(self, sections: Mapping[str, SectionState], uses: Uses, rivals: Rivals) -> None:
        self._sections = sections
        self._uses = uses
        self._rivals = rivals

    def lack(self, key: Key, wanted: AnyEntity, links: list[Link]) -> tuple[Iterable[Key], Path, str]:
        """Why an entity cannot become live: what it waits for, and where that is named."""
        for link in links:
            reason = self._missing(key, wanted, link)
            if reason:
                return [(link.section, link.id)], link.path, reason
        if isinstance(wanted, Chain) and (reason := self._circle(key[1], wanted, links)):
            chains = around([link.id for link in links if link.section == "chains"], self._chains_of)
            return [("chains", id_) for id_ in chains], ("filters",), reason
        rival = self._rivals.rival(key[1], wanted)
        return (), *(rival or ((), ""))

    def _missing(self, key: Key, wanted: AnyEntity, link: Link) -> str:
        state, target = self._sections[link.section], (link.section, link.id)
        standing, live = state.candidate(link.id), state.live.get(link.id)
        strict = wanted.enabled and link.section in MUST_BE_ENABLED
        if _serves(live, strict) and (_serves(standing, strict) or target in self._uses.named(key)):
            return ""
        what = named(link.section, link.id)
        if standing is None:
            return f"{what} {'is refused itself' if link.id in state.bad else 'does not exist'}"
        return f"{what} waits itself" if _serves(standing, strict) else f"{what} is not enabled"

    def _circle(self, id_: str, wanted: Chain, links: list[Link]) -> str:
        """Why a chain cannot be used in the place of the live one."""
        chains = [link.id for link in links if link.section == "chains"]
        reason = circle_reason(id_, chains, self._chains_of)
        if not reason and chains and wanted.enabled:
            live = cast("dict[str, Chain]", self._sections["chains"].live)
            reason = expansion_reason(f"chains.{id_}", wanted, with_chain(live, id_, wanted))
        return reason

    def _chains_of(self, id_: str) -> list[str]:
        """The chains that a live chain uses."""
        return [other for section, other in self._uses.named(("chains", id_)) if section == "chains"]


def _serves(entity: AnyEntity | None, strict: bool) -> bool:
    return entity is not None and (entity.enabled or not strict)
