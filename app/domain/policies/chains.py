"""Puts the filters of chains in the place of `use`. Not for what any filter does."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.domain.entities.chain import Chain

USE: Final = "use"
"""The name of an entry that stands for all filters of a chain."""
MOST: Final = 100
"""Filters of one route, those of its chains included."""

Entry = Mapping[str, Any]


class Step(NamedTuple):
    """One filter, and where it is written."""

    where: str
    """`routes.users-api` or `chains.public-api`."""
    step: str
    """Its index there."""
    entry: Entry


def expand(where: str, filters: Iterable[Entry], chains: Mapping[str, Chain]) -> list[Step]:
    """The filters of `where`, those of chains in their places.

    Raises ValueError for a chain that does not exist or is not enabled, for one that leads back to itself, and for
    more filters, or more uses of chains, than MOST.
    """
    steps, uses = [], 0
    for step in _expanded(where, filters, chains, ()):
        if _chain(step.entry):
            # Chains without filters that use one another twice would take for ever.
            uses += 1
        else:
            steps.append(step)
        if max(len(steps), uses) > MOST:
            raise ValueError(f"filters: more than {MOST}, with those of the chains")
    return steps


def used(filters: Iterable[Entry], chains: Mapping[str, Chain]) -> set[str]:
    """Ids of the chains that `filters` use, by way of other chains too; those that do not exist as well."""
    found: set[str] = set()
    waiting = [_chain(entry) for entry in filters]
    while waiting:
        id_ = waiting.pop()
        if id_ and id_ not in found:
            found.add(id_)
            if id_ in chains:
                waiting += [_chain(entry) for entry in chains[id_].filters]
    return found


def _expanded(
    where: str, filters: Iterable[Entry], chains: Mapping[str, Chain], above: tuple[str, ...]
) -> Iterator[Step]:
    """Every filter, and every `use` before the filters that it stands for."""
    for index, entry in enumerate(filters):
        yield Step(where, str(index), entry)
        id_ = _chain(entry)
        if not id_:
            continue
        if id_ in above:
            raise ValueError(f"filters: chain {id_!r} uses itself, by way of {' -> '.join([*above, id_])}")
        chain = chains.get(id_)
        if chain is None or not chain.enabled:
            raise ValueError(f"filters: chain {id_!r} {'does not exist' if chain is None else 'is not enabled'}")
        yield from _expanded(f"chains.{id_}", chain.filters, chains, (*above, id_))


def _chain(entry: Entry) -> str:
    """The chain that an entry uses; empty when it is another filter."""
    id_ = entry.get(USE) if len(entry) == 1 else None
    return id_ if isinstance(id_, str) else ""
