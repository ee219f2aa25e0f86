"""Makes a configuration of a parsed document, or tells everything that is wrong with it. Not for reading files.

Each entity is decoded by itself, so that one bad entry never hides another. What an entity means is judged once its
shape is right.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config import field_path
from app.infrastructure.config.diagnose import diagnose
from app.infrastructure.config.documents import Document
from app.infrastructure.config.field_checks import id_problem
from app.infrastructure.config.field_path import Found, Path
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.route_checks import route_problems
from app.infrastructure.config.service_checks import service_problems
from app.infrastructure.config.shorthand import canonical_route, spell_out_service
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.wording import shown, suggestion, unknown

SECTIONS = ("services", "routes")
IGNORED = ("$schema",)

E = TypeVar("E", Service, Route)


class Checks(NamedTuple):
    """What only other parts of the gateway can judge."""

    filter_problems: Callable[[Mapping[str, Any]], list[str]]
    """Of one entry of `filters`: what is wrong, each with its place in front (`headers.request.set: …`)."""
    match_problems: Callable[[Route], list[tuple[str, str]]]
    """Of the patterns of a route: field and reason."""


class Decoder:
    """Decodes documents. `read_secret` gives the value of a reference, and other text as it is."""

    def __init__(self, checks: Checks, read_secret: Callable[[str], str]) -> None:
        self._checks = checks
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
        services = _entities(sections, "services", Service, report, service_problems)
        routes = _entities(sections, "routes", Route, report, self._check_route)
        for id_, route in routes.items():
            report.add(("routes", id_), _reference_problems(route, services, sections.get("services", {})))
        if report.found:
            problems = [_problem(found, source, document) for found in report.found]
            raise ConfigError(sorted(problems, key=lambda problem: problem.line))
        return GatewayConfig(services, {id_: canonical_route(route) for id_, route in routes.items()})

    def _check_route(self, route: Route) -> list[Found]:
        found = route_problems(route)
        found += [(field_path.parse(field), reason) for field, reason in self._checks.match_problems(route)]
        for index, entry in enumerate(route.filters):
            for text in self._checks.filter_problems(entry):
                place, colon, reason = text.partition(": ")
                if not colon or " " in place:
                    place, reason = "", text
                found.append((("filters", index, *field_path.parse(place)), reason))
        return found


class Report:
    """Gathers problems; the first reason of each place counts, what follows from it does not."""

    def __init__(self, known: list[Found]) -> None:
        self.found: list[Found] = []
        self._taken: set[Path] = set()
        self.add((), known)

    def add(self, above: Path, found: list[Found]) -> None:
        """Take problems of what is at `above`."""
        fresh = [((*above, *path), reason) for path, reason in found if (*above, *path) not in self._taken]
        self._taken.update(path for path, _ in fresh)
        self.found += fresh


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


def _entities(
    sections: Mapping[str, dict[str, object]],
    section: str,
    kind: type[E],
    report: Report,
    check: Callable[[E], list[Found]],
) -> dict[str, E]:
    """Those entities of a section that have the right shape."""
    entities = {}
    for id_, value in sections.get(section, {}).items():
        above: Path = (section, id_)
        reason = id_problem(id_)
        if reason:
            report.add(above, [((), reason)])
        content = spell_out_service(value) if section == "services" else value
        try:
            entity = msgspec.convert(content, kind, dec_hook=from_text)
        except msgspec.ValidationError:
            report.add(above, diagnose(kind, content))
            continue
        entities[id_] = entity
        report.add(above, check(entity))
    return entities


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


def _problem(found: Found, source: str, document: Document) -> ConfigProblem:
    path, reason = found
    entity, field = field_path.render(path[:2]), field_path.render(path[2:])
    return ConfigProblem(source, entity, field, reason, document.line_of(path))
