"""Everything that is wrong with the match of a route, by field. Not for what its service or filters need."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Final

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_conditions import value_test
from app.domain.policies.routing_hosts import parse_host
from app.domain.policies.routing_patterns import MAX_SEGMENTS, parse_path
from app.domain.ports import RegexCompiler

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_STANDARD: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSED: Final = frozenset({"CONNECT", "TRACE"})
_PLAIN_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z][a-z0-9]*\.)+[a-z]+")
_LONG: Final = 200
_PLAIN_PATTERN: Final = re.compile(r"(?:/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*|\{[A-Za-z_][A-Za-z0-9_]*\}))+(?:/\*)?")
_ENCODED_SLASH: Final = re.compile(r"%2f|%5c", re.IGNORECASE)

FieldProblem = tuple[str, str]
"""Path of the field inside the route, and the reason why it cannot be used."""


def problems_of(route: Route, compile_regex: RegexCompiler) -> list[FieldProblem]:
    """All problems of a route's match: `("match.paths[0]", "a path pattern starts with /")`; none means it compiles."""
    match = route.match
    problems: list[FieldProblem] = []
    if not plain_hosts(match.hosts):
        problems += _listed("match.hosts", match.hosts, lambda text: parse_host(text, compile_regex))
    if not plain_paths(match.paths):
        problems += _listed("match.paths", match.paths, lambda text: parse_path(text, compile_regex))
        if route.encoded_slashes == "reject":
            problems += _listed("match.paths", match.paths, _check_slashes)
    if not _STANDARD.issuperset(match.methods):
        problems += _listed("match.methods", match.methods, _check_method)
    for kind, patterns in (("headers", match.headers), ("query", match.query), ("cookies", match.cookies)):
        if patterns:
            problems += _named(f"match.{kind}", patterns, compile_regex)
    return problems + _names(match) if match.headers or match.cookies else problems


def plain_hosts(hosts: tuple[str, ...]) -> bool:
    """Whether all are so plain that nothing can be wrong with them, as nearly all are. False says nothing."""
    for text in hosts:  # noqa: SIM110  # a loop is faster, and every route comes here
        if not _PLAIN_HOST.fullmatch(text) or len(text) >= _LONG:
            return False
    return True


def plain_paths(paths: tuple[str, ...]) -> bool:
    """The same of path patterns."""
    for text in paths:
        if not _PLAIN_PATTERN.fullmatch(text) or text.count("/") >= MAX_SEGMENTS or text.count("{") > 1:
            return False
    return True


def _listed(field: str, texts: tuple[str, ...], check: Callable[[str], object]) -> list[FieldProblem]:
    problems = []
    for index, text in enumerate(texts):
        if reason := _reason(check, text):
            problems.append((f"{field}[{index}]", reason))
    return problems


def _named(field: str, patterns: Mapping[str, str], compile_regex: RegexCompiler) -> list[FieldProblem]:
    problems = []
    for name, text in patterns.items():
        # What is long is not remembered: whoever may write to the store would choose how much memory that takes.
        reason_of = _value_reason if len(name) + len(text) <= _LONG else _value_reason.__wrapped__
        if reason := reason_of(name, text, compile_regex):
            problems.append((f"{field}.{name}", reason))
    return problems


@lru_cache(4096)
def _value_reason(name: str, text: str, compile_regex: RegexCompiler) -> str:
    """Many routes ask for the same values, and compiling an expression takes long."""
    return _reason(partial(value_test, name, compile_regex=compile_regex), text)


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
