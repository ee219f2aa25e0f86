"""Makes a configuration of a parsed document, or tells everything that is wrong with it. Not for reading files.

Each entity is judged by itself, so that one bad entry never hides another.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from app.domain.entities.config import SECTIONS, ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config.documents import Document
from app.infrastructure.config.entity_judge import Checks, EntityJudge
from app.infrastructure.config.field_path import Found, Path
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.problem_report import Report
from app.infrastructure.config.shorthand import canonical_route
from app.infrastructure.config.wording import shown, suggestion, unknown

__all__ = ["Checks", "Decoder"]

IGNORED = ("$schema",)

E = TypeVar("E", Service, Route)


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
        sections = _sections(value, report)
        services = self._entities(sections, "services", Service, report)
        routes = self._entities(sections, "routes", Route, report)
        for id_, route in routes.items():
            report.add(("routes", id_), _reference_problems(route, services, sections.get("services", {})))
        if report.found:
            raise ConfigError(report.problems(source, document.line_of))
        return GatewayConfig(services, {id_: canonical_route(route) for id_, route in routes.items()})

    def _entities(
        self, sections: Mapping[str, dict[str, object]], section: str, kind: type[E], report: Report
    ) -> dict[str, E]:
        """Those entities of a section that have the right shape."""
        entities = {}
        for id_, content in sections.get(section, {}).items():
            above: Path = (section, id_)
            entity, found = self._judge.judge(section, id_, content)
            report.add(above, found)
            if isinstance(entity, kind):
                entities[id_] = entity
        return entities


def _sections(value: object, report: Report) -> dict[str, dict[str, object]]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        report.add((), [((), f"expected a mapping with {' and '.join(SECTIONS)}, got {shown(value)}")])
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


def _reference_problems(route: Route, services: Mapping[str, Service], declared: Mapping[str, object]) -> list[Found]:
    """A service that is declared but wrong is not missing."""
    if not route.service:
        return []
    if route.service not in declared:
        reason = f"service {route.service!r} does not exist; {suggestion(route.service, declared)}"
        return [(("service",), reason)]
    service = services.get(route.service)
    if route.enabled and service is not None and not service.enabled:
        return [(("service",), f"service {route.service!r} is not enabled")]
    return []
