"""Routes compiled one by one, with what they have in common made once. Not for their order or their look-up."""

from functools import lru_cache, partial
from typing import Final
from weakref import WeakValueDictionary

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_conditions import Conditions, compile_conditions
from app.domain.policies.routing_entries import CompiledRoute
from app.domain.policies.routing_hosts import ANY_HOST, HostPattern, parse_host
from app.domain.policies.routing_patterns import ANY_PATH, PathPattern, parse_path
from app.domain.ports import RegexCompiler, RegexSearch

_REMEMBERED: Final = 4096
"""Hosts, and paths, that are shared with the routes to come; those used last stay."""

_Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


class RouteCompiler:
    """One is kept for all changes, so that a changed route shares with those that did not change.

    Expressions and conditions are held weakly: they stay as long as a route of any table uses them, and no longer.
    """

    def __init__(self, compile_regex: RegexCompiler) -> None:
        """What `compile_regex` returns must allow weak references."""
        self._compile_regex = compile_regex
        self._regexes: WeakValueDictionary[str, RegexSearch] = WeakValueDictionary()
        self._conditions: WeakValueDictionary[_Key, Conditions] = WeakValueDictionary()
        # Without expressions, which must not be kept alive by what is remembered here.
        self._plain_host = lru_cache(_REMEMBERED)(partial(parse_host, compile_regex=compile_regex))
        self._plain_path = lru_cache(_REMEMBERED)(partial(parse_path, compile_regex=compile_regex))

    def compile(self, id_: str, route: Route) -> CompiledRoute:
        """Raises ValueError for a pattern that cannot be used; `problems_of` tells of all."""
        match = route.match
        hosts = tuple([self._host(text) for text in _unique(match.hosts)]) or (ANY_HOST,)
        paths = tuple([self._path(text) for text in _unique(match.paths)]) or (ANY_PATH,)
        conditions = None
        if match.methods or match.headers or match.query or match.cookies:
            conditions = self._conditions_of(match)
        return CompiledRoute(id_, route, hosts, paths, conditions)

    def _conditions_of(self, match: Match) -> Conditions | None:
        key = (match.methods, _pairs(match.headers), _pairs(match.query), _pairs(match.cookies))
        conditions = self._conditions.get(key)
        if conditions is None:
            conditions = compile_conditions(match, self._regex)
            if conditions is not None:
                self._conditions[key] = conditions
        return conditions

    def _host(self, text: str) -> HostPattern:
        return parse_host(text, self._regex) if text.startswith("~") else self._plain_host(text)

    def _path(self, text: str) -> PathPattern:
        return parse_path(text, self._regex) if text.startswith("~") else self._plain_path(text)

    def _regex(self, text: str) -> RegexSearch:
        regex = self._regexes.get(text)
        if regex is None:
            regex = self._regexes[text] = self._compile_regex(text)
        return regex


def _unique(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts)) if len(texts) > 1 else texts


def _pairs(patterns: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(patterns.items())
