"""Makes a configuration of a parsed document, or tells everything that is wrong with it. Not for reading files.

Each entity is judged by itself, so that one bad entry never hides another.
"""

from collections.abc import Callable, Mapping

import msgspec

from app.domain.entities.config import SECTIONS, AnyEntity, ConfigError, ConfigProblem, GatewayConfig
from app.infrastructure.config.document_references import ReferenceCheck
from app.infrastructure.config.documents import Document
from app.infrastructure.config.entity_canonical import canonical
from app.infrastructure.config.entity_judge import Checks, EntityJudge
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.problem_report import Report
from app.infrastructure.config.wording import listed, shown, unknown

__all__ = ["Checks", "Decoder"]

IGNORED = ("$schema",)

Sections = dict[str, dict[str, object]]


class Decoder:
    """Decodes documents. `read_secret` gives the value of a reference, and other text as it is."""

    def __init__(self, checks: Checks, read_secret: Callable[[str], str]) -> None:
        self._judge = EntityJudge(checks)
        self._read_secret = read_secret

    def decode(self, document: Document, source: str) -> GatewayConfig:
        """The configuration that `document` describes. Raises ConfigError with every problem found."""
        report = Report(document.problems)
        plainer = Plainer(self._read_secret)
        try:
            value = plainer.copy(document.value)
        except TooMuch as error:
            raise ConfigError([ConfigProblem(source, "", "", str(error))]) from None
        report.add((), plainer.problems)
        declared = _sections(value, report)
        found = {section: self._entities(section, declared.get(section, {}), report) for section in SECTIONS}
        # Filters with mistakes name nothing.
        links = self._judge.sound_links if report.found else self._judge.links
        ReferenceCheck(declared, found, links).report(report)
        if report.found:
            raise ConfigError(report.problems(source, document.line_of))
        return msgspec.convert(
            {
                section: {id_: canonical(entity) for id_, entity in entities.items()}
                for section, entities in found.items()
            },
            GatewayConfig,
        )

    def _entities(self, section: str, declared: Mapping[str, object], report: Report) -> dict[str, AnyEntity]:
        """Those entities of a section that have the right shape."""
        entities = {}
        for id_, content in declared.items():
            entity, found = self._judge.judge(section, id_, content)
            report.add((section, id_), found)
            if entity is not None:
                entities[id_] = entity
        return entities


def _sections(value: object, report: Report) -> Sections:
    if value is None:
        return {}
    if not isinstance(value, dict):
        report.add((), [((), f"expected a mapping with {listed(SECTIONS)}, got {shown(value)}")])
        return {}
    sections = {}
    for key, content in value.items():
        if key in IGNORED:
            continue
        if key not in SECTIONS:
            report.add((), [((key,), unknown("key", key, SECTIONS))])
        elif isinstance(content, dict):
            sections[key] = content
        elif content is not None:
            report.add((), [((key,), f"expected a mapping of ids to {key}, got {shown(content)}")])
    return sections
