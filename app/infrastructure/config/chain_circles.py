"""Whether a chain would lead back to itself. Not for whether what it uses is there."""

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping

from app.domain.entities.chain import Chain
from app.domain.entities.route import Route
from app.domain.policies.chains import MOST, expand

UsedBy = Callable[[str], Iterable[str]]
"""The chains that a chain uses itself."""


def circle_reason(id_: str, chains: Iterable[str], used_by: UsedBy) -> str:
    """Why a chain cannot use `chains`: they lead back to it, or too far to tell. Looks at MOST chains."""
    came_from = dict.fromkeys(chains, id_)
    waiting = list(came_from)
    while waiting and id_ not in came_from:
        if len(came_from) > MOST:
            return f"leads to more than {MOST} chains"
        one = waiting.pop()
        for other in used_by(one):
            if other not in came_from:
                came_from[other] = one
                waiting.append(other)
    if id_ not in came_from:
        return ""
    path = [id_, came_from[id_]]
    while path[-1] != id_:
        path.append(came_from[path[-1]])
    return f"chain {id_!r} uses itself, by way of {' -> '.join(reversed(path))}"


def around(chains: Iterable[str], used_by: UsedBy) -> list[str]:
    """The chains that these lead to, MOST of them: when one of them changes, a circle may be gone."""
    found: dict[str, None] = {}
    waiting = list(chains)
    while waiting and len(found) < MOST:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting += used_by(one)
    return list(found)


def expansion_reason(where: str, entity: Chain | Route, chains: Mapping[str, Chain]) -> str:
    """Why no steps can be made of the filters of an entity, with those of `chains`: they are too many, say."""
    try:
        expand(where, entity.filters, chains)
    except ValueError as error:
        return str(error).removeprefix("filters: ")
    return ""


def with_chain(chains: Mapping[str, Chain], id_: str, chain: Chain) -> Mapping[str, Chain]:
    """`chains` with another one in the place of one; nothing is copied."""
    return ChainMap({id_: chain}, chains)  # type: ignore[arg-type]  # it is only read
