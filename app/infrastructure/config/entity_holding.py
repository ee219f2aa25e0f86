"""Says why an entity stays live that is gone or switched off in its store. Not for finding that out."""

from collections import defaultdict
from collections.abc import Iterable
from heapq import nsmallest
from typing import Final

from app.domain.entities.config import SECTIONS
from app.infrastructure.config.entity_section import Key

_NAMED: Final = 5


def holding_reason(holders: Iterable[Key], *, gone: bool) -> str:
    """Why, with the names of a few that need it."""
    by_section: defaultdict[str, list[str]] = defaultdict(list)
    for section, id_ in holders:
        by_section[section].append(id_)
    users = " and ".join(
        f"{section} that use it: {_some(by_section[section])}" for section in SECTIONS if section in by_section
    )
    return f"{'is gone from the store' if gone else 'is switched off'}; it stays as it was for {users}"


def _some(ids: list[str]) -> str:
    names = nsmallest(_NAMED, ids)
    more = len(ids) - len(names)
    return f"{', '.join(names)} and {more} more" if more else ", ".join(names)
