"""What is different between two configurations, and what one becomes by a change. Not for what they mean."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.domain.entities.config import ConfigChange, GatewayConfig

E = TypeVar("E")


def difference(before: GatewayConfig, after: GatewayConfig) -> ConfigChange:
    """What makes `after` of `before`."""
    return ConfigChange(_different(before.services, after.services), _different(before.routes, after.routes))


def changed(config: GatewayConfig, change: ConfigChange) -> GatewayConfig:
    """`config` with the change made."""
    return GatewayConfig(
        changed_section(config.services, change.services), changed_section(config.routes, change.routes)
    )


def merged(first: ConfigChange, then: ConfigChange) -> ConfigChange:
    """One change that does what the two do one after the other."""
    return ConfigChange({**first.services, **then.services}, {**first.routes, **then.routes})


def _different(before: Mapping[str, E], after: Mapping[str, E]) -> dict[str, E | None]:
    found: dict[str, E | None] = {id_: None for id_ in before if id_ not in after}
    for id_, entity in after.items():
        known = before.get(id_)
        # Most entities are the very same object, which is far cheaper to see than equality.
        if known is not entity and known != entity:
            found[id_] = entity
    return found


def changed_section(entities: dict[str, E], change: Mapping[str, E | None]) -> dict[str, E]:
    """The entities of one section with a change made: another dict."""
    result = dict(entities)
    for id_, entity in change.items():
        if entity is None:
            result.pop(id_, None)
        else:
            result[id_] = entity
    return result


def part_of(change: ConfigChange, entities: Iterable[tuple[str, str]]) -> ConfigChange:
    """What a change does to these entities, given by section and id."""
    wanted = set(entities)
    return ConfigChange(
        {id_: service for id_, service in change.services.items() if ("services", id_) in wanted},
        {id_: route for id_, route in change.routes.items() if ("routes", id_) in wanted},
    )
