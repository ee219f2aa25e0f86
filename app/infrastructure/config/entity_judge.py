"""Makes one entity of plain values, or tells everything that is wrong with it. Not for what other entities say of it.

What an entity means is judged once its shape is right.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config import field_path
from app.infrastructure.config.diagnose import diagnose
from app.infrastructure.config.field_checks import id_problem
from app.infrastructure.config.field_path import Found
from app.infrastructure.config.route_checks import route_problems
from app.infrastructure.config.service_checks import service_problems
from app.infrastructure.config.shorthand import canonical_route, spell_out_service
from app.infrastructure.config.units_codec import from_text

KINDS: Final[dict[str, type[Service] | type[Route]]] = {"services": Service, "routes": Route}
"""Section to the type of its entities."""


def _anywhere(_: str) -> str:
    return ""


class Checks(NamedTuple):
    """What only other parts of the gateway can judge."""

    filter_problems: Callable[[Mapping[str, Any]], list[str]]
    """Of one entry of `filters`: what is wrong, each with its place in front (`headers.request.set: …`)."""
    match_problems: Callable[[Route], list[tuple[str, str]]]
    """Of the patterns of a route: field and reason."""
    target_problem: Callable[[str], str] = _anywhere
    """Of the url of a target: why the gateway does not go there (A-67), or nothing."""


class EntityJudge:
    """Judges entities one by one."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def judge(self, section: str, id_: str, content: object) -> tuple[Service | Route | None, list[Found]]:
        """The entity in `content` as its author wrote it, None when its shape is wrong; and what is wrong, by place."""
        kind = KINDS[section]
        content = spell_out_service(content) if kind is Service else content
        try:
            entity = msgspec.convert(content, kind, dec_hook=from_text)
        except msgspec.ValidationError:
            return None, _id_problems(id_) + diagnose(kind, content)
        return entity, self.problems(id_, entity)

    def problems(self, id_: str, entity: Service | Route) -> list[Found]:
        """What is wrong with an entity of the right shape."""
        found = self._route_problems(entity) if isinstance(entity, Route) else self._service_problems(entity)
        return _id_problems(id_) + found

    def _service_problems(self, service: Service) -> list[Found]:
        found = service_problems(service)
        for index, target in enumerate(service.targets):
            reason = self._checks.target_problem(target.url)
            if reason:
                found.append((("targets", index, "url"), reason))
        return found

    def _route_problems(self, route: Route) -> list[Found]:
        found = route_problems(route)
        reason = self._checks.target_problem(route.url) if route.url else ""
        if reason:
            found.append((("url",), reason))
        found += [(field_path.parse(field), reason) for field, reason in self._checks.match_problems(route)]
        for index, entry in enumerate(route.filters):
            for text in self._checks.filter_problems(entry):
                place, colon, reason = text.partition(": ")
                if not colon or " " in place:
                    place, reason = "", text
                found.append((("filters", index, *field_path.parse(place)), reason))
        return found


def canonical(entity: Service | Route) -> Service | Route:
    """The one form that the gateway works with."""
    return canonical_route(entity) if isinstance(entity, Route) else entity


def _id_problems(id_: str) -> list[Found]:
    reason = id_problem(id_)
    return [((), reason)] if reason else []
