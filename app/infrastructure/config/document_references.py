"""Whether the entities of one document fit together. Not for stores of single entities: `entity_links`."""

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Consumer
from app.domain.entities.route import Route
from app.infrastructure.config.chain_circles import circle_reason, expansion_reason
from app.infrastructure.config.entity_references import MUST_BE_ENABLED, Link, named
from app.infrastructure.config.entity_rivals import same_claims
from app.infrastructure.config.field_path import Path
from app.infrastructure.config.problem_report import Report
from app.infrastructure.config.wording import suggestion

Problem = tuple[Path, Path, str]
"""Section and id, the place inside, and what is wrong there."""


class ReferenceCheck:
    """`declared` are all entities as they are written, `found` those of the right shape, by section and id."""

    def __init__(
        self,
        declared: Mapping[str, Mapping[str, object]],
        found: Mapping[str, Mapping[str, AnyEntity]],
        links: Callable[[AnyEntity], list[Link]],
    ) -> None:
        self._declared = declared
        self._found = found
        self._links = links

    def report(self, report: Report) -> None:
        """Tell everything that is wrong."""
        missing = list(self._missing())
        # What a missing chain leads to cannot be told.
        for above, path, reason in missing or self._expanded():
            report.add(above, [(path, reason)])
        consumers = cast("Mapping[str, Consumer]", self._found["consumers"])
        for id_, path, reason in same_claims(consumers.items()):
            report.add(("consumers", id_), [(path, reason)])

    def _missing(self) -> Iterator[Problem]:
        for section, entities in self._found.items():
            for id_, entity in entities.items():
                for link in self._links(entity):
                    reason = self._lack(link, enabled=entity.enabled)
                    if reason:
                        yield (section, id_), link.path, reason

    def _lack(self, link: Link, *, enabled: bool) -> str:
        """What is wrong with what an entity names. One that is declared but wrong is not missing."""
        declared = self._declared.get(link.section, {})
        if link.id not in declared:
            return f"{named(link.section, link.id)} does not exist; {suggestion(link.id, declared)}"
        entity = self._found[link.section].get(link.id)
        if enabled and link.section in MUST_BE_ENABLED and entity is not None and not entity.enabled:
            return f"{named(link.section, link.id)} is not enabled"
        return ""

    def _expanded(self) -> Iterator[Problem]:
        """Chains that lead back to themselves, and to more filters than a route may have."""
        chains = cast("Mapping[str, Chain]", self._found["chains"])
        if chains.keys() != self._declared.get("chains", {}).keys():
            return
        used = {
            id_: [link.id for link in self._links(chain) if link.section == "chains"] for id_, chain in chains.items()
        }
        circles = [(id_, circle_reason(id_, used[id_], used.__getitem__)) for id_ in used]
        for id_, reason in circles:
            if reason:
                yield ("chains", id_), ("filters",), reason
        if not any(reason for _, reason in circles):
            yield from self._too_many(chains)

    def _too_many(self, chains: Mapping[str, Chain]) -> Iterator[Problem]:
        for section in ("chains", "routes"):
            for id_, entity in cast("Mapping[str, Chain | Route]", self._found[section]).items():
                if entity.enabled and entity.filters:
                    reason = expansion_reason(f"{section}.{id_}", entity, chains)
                    if reason:
                        yield (section, id_), ("filters",), reason
