"""Routes that can never match, because routes before them take every request that they could. For `gateway check`.

Only what is certain is told: expressions are compared as text, and no account is taken of two routes that together
take what neither takes alone for one pattern. Not for routes that merely have requests in common: that is what
specificity is for.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from app.domain.entities.route import Match
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_containment import conditions_cover, host_covers, path_covers, segment_covers
from app.domain.policies.routing_entries import CompiledRoute, Entry, entries_of
from app.domain.policies.routing_hosts import HostKind, suffixes
from app.domain.policies.routing_index import PathIndex
from app.domain.policies.routing_segments import Segment, Wild
from app.domain.policies.routing_tree import Node

_COMPARED: Final = 100
"""How many routes of one pattern a route is compared with: bounds the time where thousands share a pattern."""


class Overlap(msgspec.Struct, frozen=True):
    """A route that never matches."""

    id: str
    by: tuple[str, ...]
    """The routes that take its requests, in the order of their ids."""
    identical: bool
    """Whether `by` is one route of the same match."""

    def __str__(self) -> str:
        if self.identical:
            return f"routes.{self.id} never matches: routes.{self.by[0]} has the same match and comes first"
        return f"routes.{self.id} never matches: its requests go to {', '.join(f'routes.{id_}' for id_ in self.by)}"


def overlaps(table: RouteTable) -> list[Overlap]:
    """Every route that is certain never to match, by id."""
    found = [_overlap(table, route) for route in table.routes.values()]
    return sorted((overlap for overlap in found if overlap is not None), key=lambda overlap: overlap.id)


def _overlap(table: RouteTable, route: CompiledRoute) -> Overlap | None:
    by: set[str] = set()
    for entry in entries_of(route):
        before = _taker(table, entry)
        if before is None:
            return None
        by.add(before.route.id)
    first = table.routes[min(by)]
    return Overlap(route.id, tuple(sorted(by)), len(by) == 1 and _same(first.route.match, route.route.match))


def _taker(table: RouteTable, entry: Entry) -> Entry | None:
    """A route before `entry` that takes all its requests."""
    for index in _indexes(table, entry):
        for entries in _lists(index, entry):
            # All of a list have one host and one path, so the first speaks for the others.
            if entries and host_covers(entries[0].host, entry.host) and path_covers(entries[0].path, entry.path):
                found = _taker_in(entries, entry)
                if found is not None:
                    return found
    return None


def _taker_in(entries: list[Entry], entry: Entry) -> Entry | None:
    for other in entries[:_COMPARED]:
        if other.rank >= entry.rank:
            return None
        if other.route is not entry.route and conditions_cover(other.route.conditions, entry.route.conditions):
            return other
    return None


def _indexes(table: RouteTable, entry: Entry) -> list[PathIndex]:
    """What may hold routes of the same or a wider host."""
    host = entry.host
    found = [table.any_host]
    if host.kind is HostKind.EXACT:
        found += [table.hosts.get(host.value), *(table.suffixes.get(suffix) for suffix in suffixes(host.value))]
    elif host.kind is HostKind.SUFFIX:
        found += [table.suffixes.get(suffix) for suffix in (host.value, *suffixes(host.value))]
    elif host.kind is HostKind.REGEX:
        found.append(table.regexes[host.value][1])
    return [index for index in found if index is not None]


def _lists(index: PathIndex, entry: Entry) -> list[list[Entry]]:
    """Lists of routes whose path may be the same or wider."""
    path = entry.path
    if path.regex is not None:
        lists = [index.regexes.get(path.text, [])]
        return [*lists, index.root.below] if index.root is not None and index.root.below else lists
    found = [index.exact.get(path.exact, [])] if path.exact is not None else []
    if index.root is not None:
        segments = tuple(path.exact.split("/")[1:]) if path.exact is not None else path.segments
        _collect(index.root, segments, found)
    return found


def _collect(root: Node, segments: tuple[Segment, ...], found: list[list[Entry]]) -> None:
    """Append what is on the ways through the tree by which a wider pattern than `segments` can be reached."""
    todo = [(root, 0)]
    seen: set[tuple[Node, int]] = set()
    while todo:
        node, at = todo.pop()
        if (node, at) in seen:
            continue
        seen.add((node, at))
        if node.below is not None:
            found.append(node.below)
        if at == len(segments):
            found.append(node.ends)
            continue
        if node.depth is not None:
            todo.extend((node.depth, start) for start in range(at, len(segments)))
        todo.extend((child, at + 1) for child in _wider(node, segments[at]))


def _wider(node: Node, segment: Segment) -> Iterator[Node]:
    """The nodes below for the same segment or a wider one; `**` is covered by nothing but `**`."""
    if segment is Wild.DEPTH:
        return
    if node.one is not None:
        yield node.one
    if isinstance(segment, str) and segment in node.literals:
        yield node.literals[segment]
    for partial, child in (node.partials or {}).items():
        if segment_covers(partial, segment):
            yield child


def _same(one: Match, other: Match) -> bool:
    return _key(one) == _key(other)


def _key(match: Match) -> tuple[object, ...]:
    headers = {name.lower(): text for name, text in match.headers.items()}
    return frozenset(match.hosts), frozenset(match.paths), frozenset(match.methods), headers, match.query, match.cookies
