"""Makes one entity of plain values, or tells everything that is wrong with it. Not for what other entities say of it.

What an entity means is judged once its shape is right.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config import field_path
from app.infrastructure.config.consumer_checks import consumer_problems
from app.infrastructure.config.diagnose import diagnose
from app.infrastructure.config.entity_references import FilterReferences, Link, links_of
from app.infrastructure.config.field_checks import id_problem
from app.infrastructure.config.field_path import Found
from app.infrastructure.config.issuer_checks import issuer_problems
from app.infrastructure.config.route_checks import route_problems
from app.infrastructure.config.service_checks import service_problems
from app.infrastructure.config.shorthand import spelled_out
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.unshown import without_values

KINDS: Final[dict[str, type[AnyEntity]]] = {
    "services": Service,
    "issuers": Issuer,
    "consumers": Consumer,
    "chains": Chain,
    "routes": Route,
}
"""Section to the type of its entities."""

_WITHOUT_COLON: Final = ("issuers", "consumers")
"""Who is no consumer is known by the id of the issuer, a colon and the subject: nobody may be taken for another."""

Entry = Mapping[str, Any]
"""One entry of `filters`."""


def _anywhere(_: str) -> str:
    return ""


def _nothing(_: Entry) -> list[tuple[str, str]]:
    return []


class Checks(NamedTuple):
    """What only other parts of the gateway can judge."""

    filter_problems: Callable[[Entry], list[str]]
    """Of one entry of `filters`: what is wrong, each with its place in front (`headers.request.set: …`)."""
    match_problems: Callable[[Route], list[tuple[str, str]]]
    """Of the patterns of a route: field and reason."""
    target_problem: Callable[[str], str] = _anywhere
    """Of the url of a target or a key set: why the gateway does not go there (A-67), or nothing."""
    filter_references: FilterReferences = _nothing
    """Of one entry of `filters` without mistakes: the entities that it names."""


class EntityJudge:
    """Judges entities one by one."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    def judge(self, section: str, id_: str, content: object) -> tuple[AnyEntity | None, list[Found]]:
        """The entity in `content` as its author wrote it, None when its shape is wrong; and what is wrong, by place."""
        kind = KINDS[section]
        content = spelled_out(section, content)
        try:
            entity: AnyEntity = msgspec.convert(content, kind, dec_hook=from_text)
        except msgspec.ValidationError:
            return None, _id_problems(section, id_) + without_values(section, diagnose(kind, content))
        return entity, self.problems(section, id_, entity)

    def problems(self, section: str, id_: str, entity: AnyEntity) -> list[Found]:
        """What is wrong with an entity of the right shape."""
        return _id_problems(section, id_) + self._entity_problems(entity)

    def links(self, entity: AnyEntity) -> list[Link]:
        """What an entity without mistakes names of others."""
        return list(links_of(entity, self._checks.filter_references))

    def sound_links(self, entity: AnyEntity) -> list[Link]:
        """What an entity names of others where it has no mistakes."""
        return list(links_of(entity, self._references_if_sound))

    def _references_if_sound(self, entry: Entry) -> list[tuple[str, str]]:
        return [] if self._checks.filter_problems(entry) else self._checks.filter_references(entry)

    def _entity_problems(self, entity: AnyEntity) -> list[Found]:
        match entity:
            case Route():
                return self._route_problems(entity)
            case Service():
                targets = [(("targets", index, "url"), target.url) for index, target in enumerate(entity.targets)]
                return service_problems(entity) + self._urls(targets)
            case Issuer():
                return issuer_problems(entity) + self._urls([(("jwks",), entity.jwks)])
            case Consumer():
                return consumer_problems(entity)
        return self._filter_problems(entity.filters)

    def _urls(self, urls: Iterable[tuple[field_path.Path, str]]) -> list[Found]:
        return [(path, reason) for path, url in urls if url and (reason := self._checks.target_problem(url))]

    def _route_problems(self, route: Route) -> list[Found]:
        found = route_problems(route) + self._urls([(("url",), route.url)])
        found += [(field_path.parse(field), reason) for field, reason in self._checks.match_problems(route)]
        return found + self._filter_problems(route.filters)

    def _filter_problems(self, filters: Iterable[Entry]) -> list[Found]:
        found: list[Found] = []
        for index, entry in enumerate(filters):
            for text in self._checks.filter_problems(entry):
                place, colon, reason = text.partition(": ")
                if not colon or " " in place:
                    place, reason = "", text
                found.append((("filters", index, *field_path.parse(place)), reason))
        return found


def _id_problems(section: str, id_: str) -> list[Found]:
    reason = id_problem(id_)
    if not reason and section in _WITHOUT_COLON and ":" in id_:
        reason = f"the id of {'an issuer' if section == 'issuers' else 'a consumer'} holds no colon"
    return [((), reason)] if reason else []
