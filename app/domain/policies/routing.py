"""The route table: which route answers a request. Compiled once, never changed, asked for every request.

What patterns mean is in `routing_patterns`, `routing_hosts` and `routing_conditions`; which of several routes wins is
in `routing_rank`. A look-up costs the same for ten routes and for a hundred thousand.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.entities.request import Request
from app.domain.entities.route import Route
from app.domain.policies.paths import fold
from app.domain.policies.routing_entries import CompiledRoute, Entry, RouteCompiler, entries_of
from app.domain.policies.routing_hosts import HostKind, suffixes
from app.domain.policies.routing_index import PathIndex
from app.domain.policies.routing_validation import problems_of
from app.domain.ports import RegexCompiler, RegexSearch

__all__ = ["CompiledRoute", "RegexCompiler", "RegexSearch", "RouteTable", "problems_of"]

_NO_PARAMS: Final[dict[str, str]] = {}
"""Shared by all requests whose route has no parameters; nobody may change it."""


class RouteTable:
    """Routes compiled for look-up, by host and then by path."""

    __slots__ = ("any_host", "hosts", "regexes", "routes", "suffixes")

    def __init__(self, routes: dict[str, CompiledRoute]) -> None:
        self.routes: Final = MappingProxyType(routes)
        """Every route by its id."""
        self.hosts: Final[dict[str, PathIndex]] = {}
        self.suffixes: Final[dict[str, PathIndex]] = {}
        """By the suffix without `*.`."""
        self.regexes: Final[dict[str, tuple[RegexSearch, PathIndex]]] = {}
        """By the text of the expression, in the order of their first entries."""
        self.any_host: PathIndex | None = None
        entries = [entry for route in routes.values() for entry in entries_of(route)]
        for entry in sorted(entries, key=lambda entry: entry.rank):
            self._index(entry).add(entry)

    @classmethod
    def compile(cls, routes: Mapping[str, Route], compile_regex: RegexCompiler) -> "RouteTable":
        """The table of `routes` by id. Raises ValueError for a pattern that `problems_of` would have told of."""
        compiler = RouteCompiler(compile_regex)
        return cls({id_: compiler.compile(id_, route) for id_, route in routes.items()})

    def match(self, request: Request) -> tuple[CompiledRoute, dict[str, str]] | None:
        """The route of a request and the parameters of its path, or None. The parameters must not be changed."""
        path = request.path
        folded = fold(path) if "%" in path else path
        best: Entry | None = None
        for index in self.indexes(request.host):
            if best is None or index.first < best.rank:
                best = index.best(folded, request, best)
        if best is None:
            return None
        return best.route, best.path.values(path) if best.path.captures else _NO_PARAMS

    def indexes(self, host: str) -> list[PathIndex]:
        """What holds the routes that answer a host, the most specific first."""
        found = []
        exact = self.hosts.get(host)
        if exact is not None:
            found.append(exact)
        if self.suffixes:
            found += [self.suffixes[suffix] for suffix in suffixes(host) if suffix in self.suffixes]
        if self.regexes:
            found += [index for regex, index in self.regexes.values() if regex.fullmatch(host)]
        if self.any_host is not None:
            found.append(self.any_host)
        return found

    def _index(self, entry: Entry) -> PathIndex:
        """The index that an entry belongs to, made when it is the first one there."""
        host = entry.host
        if host.kind is HostKind.EXACT or host.kind is HostKind.SUFFIX:
            table = self.hosts if host.kind is HostKind.EXACT else self.suffixes
            index = table.get(host.value)
            if index is None:
                index = table[host.value] = PathIndex(entry.rank)
            return index
        if host.regex is not None:
            if host.value not in self.regexes:
                self.regexes[host.value] = (host.regex, PathIndex(entry.rank))
            return self.regexes[host.value][1]
        if self.any_host is None:
            self.any_host = PathIndex(entry.rank)
        return self.any_host
