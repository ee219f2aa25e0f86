"""What a route must be beyond the shape of its fields. Not for its match (the router judges it) or its filters."""

import re
from collections.abc import Iterable
from typing import Final

from app.domain.entities.route import Match, Redirect, Respond, Rewrite, Route
from app.domain.policies.forwarding import FRAMING, HOP_BY_HOP
from app.domain.policies.rewriting import compile_redirect, compile_rewrite
from app.domain.policies.templates import Template
from app.infrastructure.config.field_checks import (
    authority_problem,
    field_names,
    field_values,
    origin_problem,
    positive,
)
from app.infrastructure.config.field_path import Found, Path

ENDS: Final = ("service", "url", "redirect", "respond")
"""Where requests of a route may go."""

_PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OF_REQUEST: Final = frozenset({"scheme", "host", "path", "query"})
_PLAIN: Final = Route()
"""Holds the values that stand wherever a route says nothing: the very same objects."""
_NO_REWRITE: Final = _PLAIN.rewrite
_NO_TIMEOUTS: Final = _PLAIN.timeouts
_NO_WEBSOCKET: Final = _PLAIN.websocket
_NO_BODY: Final = frozenset({204, 205, 304})
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s]+")


def route_problems(route: Route) -> list[Found]:
    """Everything wrong with a route, each with its place inside."""
    found = _end(route)
    if route.rewrite is not _NO_REWRITE:
        found += _rewrite(route.rewrite, route.match)
    if route.redirect is not None:
        found += _redirect(route.redirect, route.match)
    if route.respond is not None:
        found += _respond(route.respond)
    if route.timeouts is not _NO_TIMEOUTS or route.websocket is not _NO_WEBSOCKET:
        found += _times(route) + _origins(route.websocket.origins)
    return found


def _end(route: Route) -> list[Found]:
    if route.service and not route.url and route.redirect is None and route.respond is None:
        return []  # as a rule
    given = [name for name in ENDS if getattr(route, name)]
    if not given:
        return [((), f"one of {', '.join(ENDS)} must say where requests go")]
    if len(given) > 1:
        return [((given[1],), f"excludes {' and '.join(name for name in given if name != given[1])}")]
    reason = origin_problem(route.url) if route.url else ""
    return [(("url",), reason)] if reason else []


def _rewrite(rewrite: Rewrite, match: Match) -> list[Found]:
    found: list[Found] = []
    for field in ("strip_prefix", "add_prefix", "path"):
        value = getattr(rewrite, field)
        if value:
            found += _compiled(Route(rewrite=Rewrite(**{field: value})), ("rewrite", field))
    for field in ("strip_prefix", "add_prefix"):
        if rewrite.path and getattr(rewrite, field):
            found.append((("rewrite", field), "excludes rewrite.path"))
    if rewrite.host not in ("preserve", "target"):
        reason = authority_problem(rewrite.host)
        if reason:
            found.append((("rewrite", "host"), f"expected preserve, target, or host:port: {reason}"))
    return found or (_names(rewrite.path, ("rewrite", "path"), match, frozenset()) if rewrite.path else [])


def _redirect(redirect: Redirect, match: Match) -> list[Found]:
    path: Path = ("redirect", "to")
    try:
        compile_redirect(redirect)
    except ValueError as error:
        return [(path, str(error).removeprefix("to: "))]
    return _names(redirect.to, path, match, _OF_REQUEST)


def _respond(respond: Respond) -> list[Found]:
    path: Path = ("respond", "headers")
    found = field_names(respond.headers, path) + field_values(respond.headers, path)
    for name in respond.headers:
        if name.lower().encode() in HOP_BY_HOP | FRAMING:
            found.append(((*path, name), "is written by the gateway itself"))
    if respond.body and respond.status in _NO_BODY:
        found.append((("respond", "body"), f"an answer with status {respond.status} has no body"))
    return found


def _times(route: Route) -> list[Found]:
    limits = [("timeouts", step, getattr(route.timeouts, step)) for step in ("connect", "response", "idle")]
    limits += [("websocket", limit, getattr(route.websocket, limit)) for limit in ("idle", "ping", "max_message")]
    return positive(limits)


def _origins(origins: Iterable[str]) -> list[Found]:
    return [
        (
            ("websocket", "origins", index),
            f"expected an origin such as https://app.example.com, *, or null, got {one!r}",
        )
        for index, one in enumerate(origins)
        if one not in ("*", "null") and not _ORIGIN.fullmatch(one.lower())
    ]


def _compiled(route: Route, path: Path) -> list[Found]:
    try:
        compile_rewrite(route)
    except ValueError as error:
        return [(path, str(error).removeprefix(f"{path[-1]}: "))]
    return []


def _names(template: str, path: Path, match: Match, given: frozenset[str]) -> list[Found]:
    """A name must be in every pattern: whichever of them matched, it has a value."""
    found: list[Found] = []
    for name in dict.fromkeys(Template(template).names):
        if name in given:
            continue
        lacking = [pattern for pattern in match.paths if name not in parameters(pattern)]
        if lacking or not match.paths:
            where = f"path {lacking[0]!r} has none of that name" if lacking else "match.paths names none"
            found.append((path, f"{{{name}}} stands for a parameter of the match, but {where}"))
    return found


def parameters(pattern: str) -> frozenset[str]:
    """The names that a path pattern gives values to; a regular expression gives none."""
    return frozenset() if pattern.startswith("~") else frozenset(_PARAMETER.findall(pattern))
