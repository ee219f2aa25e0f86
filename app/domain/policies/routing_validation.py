"""Everything that is wrong with the match of a route, by field. Not for what its service or filters need."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_conditions import value_test
from app.domain.policies.routing_hosts import parse_host
from app.domain.policies.routing_patterns import parse_path
from app.domain.ports import RegexCompiler

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_STANDARD: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSED: Final = frozenset({"CONNECT", "TRACE"})
_ENCODED_SLASH: Final = re.compile(r"%2f|%5c", re.IGNORECASE)

FieldProblem = tuple[str, str]
"""Path of the field inside the route, and the reason why it cannot be used."""


def problems_of(route: Route, compile_regex: RegexCompiler) -> list[FieldProblem]:
    """All problems of a route's match: `("match.paths[0]", "a path pattern starts with /")`; none means it compiles."""
    match = route.match
    problems = _listed("match.hosts", match.hosts, lambda text: parse_host(text, compile_regex))
    problems += _listed("match.paths", match.paths, lambda text: parse_path(text, compile_regex))
    if route.encoded_slashes == "reject":
        problems += _listed("match.paths", match.paths, _check_slashes)
    problems += _listed("match.methods", match.methods, _check_method)
    for kind, patterns in (("headers", match.headers), ("query", match.query), ("cookies", match.cookies)):
        problems += _named(f"match.{kind}", patterns, compile_regex)
    return problems + _names(match)


def _listed(field: str, texts: tuple[str, ...], check: Callable[[str], object]) -> list[FieldProblem]:
    problems = []
    for index, text in enumerate(texts):
        if reason := _reason(check, text):
            problems.append((f"{field}[{index}]", reason))
    return problems


def _named(field: str, patterns: Mapping[str, str], compile_regex: RegexCompiler) -> list[FieldProblem]:
    problems = []
    for name, text in patterns.items():
        if reason := _reason(partial(value_test, name, compile_regex=compile_regex), text):
            problems.append((f"{field}.{name}", reason))
    return problems


def _reason(check: Callable[[str], object], text: str) -> str:
    try:
        check(text)
    except ValueError as error:
        return str(error)
    return ""


def _names(match: Match) -> list[FieldProblem]:
    problems = []
    for kind, names in (("headers", match.headers), ("cookies", match.cookies)):
        problems += [
            (f"match.{kind}.{name}", "not a name that a request could carry")
            for name in names
            if not _TOKEN.fullmatch(name)
        ]
    seen: set[str] = set()
    for name in match.headers:
        if name.lower() in seen:
            problems.append((f"match.headers.{name}", "given twice; letter case makes no difference"))
        seen.add(name.lower())
    return problems


def _check_method(method: str) -> None:
    if method in _REFUSED:
        raise ValueError(f"{method} is refused before any route is looked for")
    if method not in _STANDARD and method.upper() in _STANDARD:
        raise ValueError(f"methods are case-sensitive: write {method.upper()}")


def _check_slashes(pattern: str) -> None:
    if not pattern.startswith("~") and _ENCODED_SLASH.search(pattern):
        raise ValueError("an encoded slash or backslash matches only with `encoded_slashes: keep`")
