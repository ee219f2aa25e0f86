"""What the route table is made of: a compiled route, and one entry for each pair of its hosts and paths.

Entries that have host and path in common stand in one list, in the order of rank.
"""

from bisect import bisect_left, insort

import msgspec

from app.domain.entities.route import Route
from app.domain.policies.routing_conditions import Conditions
from app.domain.policies.routing_copies import Copies
from app.domain.policies.routing_hosts import HostPattern
from app.domain.policies.routing_patterns import PathPattern
from app.domain.policies.routing_rank import Rank, labels, path_rank


class CompiledRoute(msgspec.Struct, frozen=True, gc=False):
    """A route and its conditions, ready to be asked."""

    id: str
    route: Route
    """The value that was configured."""
    hosts: tuple[HostPattern, ...]
    paths: tuple[PathPattern, ...]
    conditions: Conditions | None
    """None when there are none besides host and path."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One host and one path of a route: what is ranked and found."""

    rank: Rank
    host: HostPattern
    path: PathPattern
    route: CompiledRoute


def entries_of(route: CompiledRoute) -> list[Entry]:
    """Every pair of the route's hosts and paths."""
    priority = -route.route.priority
    conditions = -route.conditions.count if route.conditions else 0
    entries = []
    for host in route.hosts:
        suffix = -labels(host)
        for at, path in enumerate(route.paths):
            rank = (priority, host.kind, suffix, path_rank(path), conditions, route.id, at)
            entries.append(Entry(rank, host, path, route))
    return entries


def with_entry(entries: list[Entry] | None, entry: Entry, copies: Copies) -> list[Entry]:
    """The list with one more entry in its place."""
    if not entries:
        return [entry]
    owned = copies.own(entries)
    insort(owned, entry, key=_rank)
    return owned


def without_entry(entries: list[Entry], entry: Entry, copies: Copies) -> list[Entry]:
    """The list without an entry that is in it."""
    owned = copies.own(entries)
    del owned[bisect_left(owned, entry.rank, key=_rank)]
    return owned


def _rank(entry: Entry) -> Rank:
    return entry.rank
