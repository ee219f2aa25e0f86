"""What the route table is made of: a compiled route, and one entry for each pair of its hosts and paths."""

import msgspec

from app.domain.entities.route import Route
from app.domain.policies.routing_conditions import Conditions, compile_conditions
from app.domain.policies.routing_hosts import ANY_HOST, HostPattern, parse_host
from app.domain.policies.routing_patterns import ANY_PATH, PathPattern, parse_path
from app.domain.policies.routing_rank import Rank, labels, path_rank
from app.domain.ports import RegexCompiler, RegexSearch


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
    return [
        Entry((priority, host.kind, -labels(host), path_rank(path), conditions, route.id, at), host, path, route)
        for host in route.hosts
        for at, path in enumerate(route.paths)
    ]


class RouteCompiler:
    """Compiles routes; what several have in common (expressions, hosts, conditions) is made once and shared."""

    def __init__(self, compile_regex: RegexCompiler) -> None:
        self._compile_regex = compile_regex
        self._regexes: dict[str, RegexSearch] = {}
        self._hosts: dict[str, HostPattern] = {}
        self._conditions: dict[str, Conditions | None] = {}

    def compile(self, id_: str, route: Route) -> CompiledRoute:
        """Raises ValueError for a pattern that cannot be used; `problems_of` tells of all."""
        match = route.match
        hosts = tuple(self._host(text) for text in dict.fromkeys(match.hosts)) or (ANY_HOST,)
        paths = tuple(parse_path(text, self._regex) for text in dict.fromkeys(match.paths)) or (ANY_PATH,)
        conditions = None
        if match.methods or match.headers or match.query or match.cookies:
            key = repr((match.methods, match.headers, match.query, match.cookies))
            if key not in self._conditions:
                self._conditions[key] = compile_conditions(match, self._regex)
            conditions = self._conditions[key]
        return CompiledRoute(id_, route, hosts, paths, conditions)

    def _regex(self, text: str) -> RegexSearch:
        if text not in self._regexes:
            self._regexes[text] = self._compile_regex(text)
        return self._regexes[text]

    def _host(self, text: str) -> HostPattern:
        if text not in self._hosts:
            self._hosts[text] = parse_host(text, self._regex)
        return self._hosts[text]
