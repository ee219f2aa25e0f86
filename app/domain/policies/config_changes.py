"""What is different between two configurations, and what one becomes by a change. Not for what they mean."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.domain.entities.config import SECTIONS, ConfigChange, GatewayConfig
from app.domain.policies.layered_map import LayeredMap

E = TypeVar("E")


def difference(before: GatewayConfig, after: GatewayConfig) -> ConfigChange:
    """What makes `after` of `before`."""
    return ConfigChange(
        **{section: _different(getattr(before, section), getattr(after, section)) for section in SECTIONS}
    )


def changed(config: GatewayConfig, change: ConfigChange) -> GatewayConfig:
    """`config` with the change made."""
    return GatewayConfig(
        **{section: changed_section(getattr(config, section), getattr(change, section)) for section in SECTIONS}
    )


def size(config: GatewayConfig) -> int:
    """How many entities there are."""
    return sum(len(getattr(config, section)) for section in SECTIONS)


def merged(first: ConfigChange, then: ConfigChange) -> ConfigChange:
    """One change that does what the two do one after the other."""
    return ConfigChange(**{section: {**getattr(first, section), **getattr(then, section)} for section in SECTIONS})


def _different(before: Mapping[str, E], after: Mapping[str, E]) -> dict[str, E | None]:
    found: dict[str, E | None] = {id_: None for id_ in before if id_ not in after}
    for id_, entity in after.items():
        known = before.get(id_)
        # Most entities are the very same object, which is far cheaper to see than equality.
        if known is not entity and known != entity:
            found[id_] = entity
    return found


def changed_section(entities: Mapping[str, E], change: Mapping[str, E | None]) -> Mapping[str, E]:
    """The entities of one section with a change made: another mapping, unless nothing changes.

    Nobody may change `entities` from now on.
    """
    if not change:
        return entities
    result = LayeredMap.of(entities)
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
        **{
            section: {id_: entity for id_, entity in getattr(change, section).items() if (section, id_) in wanted}
            for section in SECTIONS
        }
    )
