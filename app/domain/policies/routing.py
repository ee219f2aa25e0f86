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
from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_entries import CompiledRoute, Entry
from app.domain.policies.routing_hosts import suffixes
from app.domain.policies.routing_index import PathIndex
from app.domain.policies.routing_parts import Parts
from app.domain.policies.routing_validation import problems_of
from app.domain.ports import RegexCompiler, RegexSearch

__all__ = ["CompiledRoute", "RegexCompiler", "RegexSearch", "RouteTable", "problems_of"]

_NO_PARAMS: Final[dict[str, str]] = {}
"""Shared by all requests whose route has no parameters; nobody may change it."""


class RouteTable:
    """Routes compiled for look-up, by host and then by path. Another one is made of it by `routing_builder`."""

    __slots__ = ("_parts", "any_host", "compiler", "hosts", "regexes", "routes", "suffixes")

    def __init__(self, parts: Parts, compiler: RouteCompiler) -> None:
        """Whoever else changes `parts` does not change this table."""
        self._parts: Final = parts.share()
        self.compiler: Final = compiler
        """What compiled the routes, and shares what they have in common with those of the next table."""
        self.routes: Final = MappingProxyType(parts.routes)
        """Every route by its id."""
        self.hosts: Final = parts.hosts
        self.suffixes: Final = parts.suffixes
        """By the suffix without `*.`."""
        self.regexes: Final = parts.regexes
        """By the text of the expression."""
        self.any_host: Final = parts.any_host

    @classmethod
    def compile(cls, routes: Mapping[str, Route], compile_regex: RegexCompiler) -> "RouteTable":
        """The table of `routes` by id. Raises ValueError for a pattern that `problems_of` would have told of."""
        compiler = RouteCompiler(compile_regex)
        parts = Parts()
        for id_, route in routes.items():
            parts.put(compiler.compile(id_, route))
        return cls(parts, compiler)

    def parts(self) -> Parts:
        """What this table looks into, for another table to be made of; changing it does not change this one."""
        return self._parts.share()

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
