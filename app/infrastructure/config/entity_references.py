"""What an entity names of others, and where. Not for whether that is there."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Consumer
from app.domain.entities.route import Route
from app.infrastructure.config.field_path import Path

FilterReferences = Callable[[Mapping[str, Any]], list[tuple[str, str]]]
"""Section and id of every entity that an entry of `filters`, without mistakes, names."""

MUST_BE_ENABLED: Final = frozenset({"services", "chains"})
"""Sections whose entities must be enabled where one that is enabled names them.

Issuers need not be: switching one off is how to stop its tokens at once.
"""


class Link(NamedTuple):
    """One entity that another names."""

    path: Path
    """Where it names it."""
    section: str
    id: str


def links_of(entity: AnyEntity, references: FilterReferences) -> Iterator[Link]:
    """Everything that an entity without mistakes names, in the order in which it stands there."""
    if isinstance(entity, Route) and entity.service:
        yield Link(("service",), "services", entity.service)
    if isinstance(entity, Consumer):
        for index, subject in enumerate(entity.subjects):
            yield Link(("subjects", index, "issuer"), "issuers", subject.issuer)
    if isinstance(entity, (Route, Chain)):  # a union is made anew each time, for every entity
        for index, entry in enumerate(entity.filters):
            for section, id_ in references(entry):
                yield Link(("filters", index, next(iter(entry))), section, id_)


def named(section: str, id_: str) -> str:
    """`service 'users'`."""
    return f"{section[:-1]} {id_!r}"
