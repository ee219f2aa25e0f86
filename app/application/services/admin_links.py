"""What entities name of others. Not for whether that is there: `admin_references`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.application.kinds import Reference
from app.domain.entities.chain import Chain
from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Consumer
from app.domain.entities.control import Document
from app.domain.entities.route import Route

FilterReferences = Callable[[Mapping[str, Any]], list[Reference]]
"""The entities that one entry of `filters`, without mistakes, names."""

USERS: Final[Mapping[str, tuple[str, ...]]] = {
    "services": ("routes",),
    "issuers": ("consumers", "chains", "routes"),
    "chains": ("chains", "routes"),
}
"""Section to those whose entities may name one of it."""

_RESOLVED_LATER: Final = ("env:", "file:/")


class Link(NamedTuple):
    """One entity that another names."""

    field: str
    """Where it names it: `filters[0].use`."""
    section: str
    id: str


def links_of(entity: AnyEntity, references: FilterReferences) -> Iterator[Link]:
    """Everything that an entity names."""
    if isinstance(entity, Route) and entity.service:
        yield Link("service", "services", entity.service)
    if isinstance(entity, Consumer):
        for index, subject in enumerate(entity.subjects):
            yield Link(f"subjects[{index}].issuer", "issuers", subject.issuer)
    if isinstance(entity, Route | Chain):
        for index, entry in enumerate(entity.filters):
            for section, id_ in references(entry):
                yield Link(f"filters[{index}].{next(iter(entry))}", section, id_)


def may_name(document: Document, section: str, id_: str) -> bool:
    """Whether a closer look at a document is due: very many have to be gone through."""
    if section != "services" and isinstance(document, list):  # a chain that is written as its filters
        return _stands_in(document, id_)
    if not isinstance(document, Mapping):
        return False
    if section == "services":
        return _stands_in(document.get("service"), id_)
    return _stands_in([document.get("filters"), document.get("subjects")], id_)


def _stands_in(value: object, id_: str) -> bool:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            if one == id_ or one.startswith(_RESOLVED_LATER):
                return True
        elif isinstance(one, Mapping):
            todo += one.values()
        elif isinstance(one, list | tuple):
            todo += one
    return False
