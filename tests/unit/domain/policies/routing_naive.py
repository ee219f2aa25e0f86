"""The route table's meaning told a second time, slowly and plainly: every route is tried against every request."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

from app.domain.entities.request import Request
from app.domain.entities.route import Match, Route

Found = tuple[str, dict[str, str]]


def naive_match(routes: Mapping[str, Route], request: Request) -> Found | None:
    """Id and parameters of the route that must be chosen."""
    fitting = [
        (rank(id_, route, host, path, at), id_, params)
        for id_, route in routes.items()
        for host in route.match.hosts or ("*",)
        for at, path in enumerate(route.match.paths or ("/*",))
        if host_fits(host, request.host)
        and (params := path_params(path, request.path)) is not None
        and conditions_hold(route.match, request)
    ]
    if not fitting:
        return None
    _, id_, params = min(fitting, key=lambda one: one[0])
    return id_, params


def host_fits(pattern: str, host: str) -> bool:
    if pattern.startswith("~"):
        return re.fullmatch(pattern[1:], host) is not None
    if pattern.startswith("*."):
        return host.split(".")[-pattern.count(".") :] == pattern.split(".")[1:] and host.count(".") >= pattern.count(
            "."
        )
    return pattern in ("*", host)


def path_params(pattern: str, path: str) -> dict[str, str] | None:
    if pattern.startswith("~"):
        return {} if re.fullmatch(pattern[1:], path) else None
    return next(ways(segments_of(pattern), path.split("/")[1:]), None)


def segments_of(pattern: str) -> list[str]:
    segments = pattern.split("/")[1:]
    spelled = [*segments[:-1], "**"] if segments[-1] == "*" else segments
    # Two `**` in a row say what one says.
    return [one for at, one in enumerate(spelled) if one != "**" or spelled[at - 1 : at] != ["**"]]


def ways(wanted: list[str], given: list[str]) -> Iterator[dict[str, str]]:
    """Every way in which segments fit, those with short `**` first."""
    if not wanted:
        if not given:
            yield {}
    elif wanted[0] == "**":
        for size in range(len(given) + 1):
            yield from ways(wanted[1:], given[size:])
    elif given and (found := segment_params(wanted[0], given[0])) is not None:
        yield from ({**found, **rest} for rest in ways(wanted[1:], given[1:]))


def segment_params(wanted: str, given: str) -> dict[str, str] | None:
    if wanted == "*":
        return {} if given else None
    parts = re.split(r"\{(\w+)\}", wanted)
    expression = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    found = re.fullmatch(expression, given)
    return found.groupdict() if found else None


def conditions_hold(match: Match, request: Request) -> bool:
    cookies = [tuple(pair.split("=")) for pair in request.fields.get(b"cookie", b"").decode().split("; ") if pair]
    fields = [(name.decode(), value.decode()) for name, value in request.fields.items()]
    return (
        (not match.methods or request.method in match.methods)
        and all(value_fits(name, text, fields) for name, text in match.headers.items())
        and all(value_fits(name, text, parse_qsl(request.query)) for name, text in match.query.items())
        and all(value_fits(name, text, cookies) for name, text in match.cookies.items())
    )


def value_fits(name: str, pattern: str, pairs: Sequence[tuple[str, ...]]) -> bool:
    values = [value for key, value in pairs if key == name]
    if pattern.startswith("~"):
        return any(re.search(pattern[1:], value) for value in values)
    return bool(values) if pattern == "*" else pattern in values


def rank(id_: str, route: Route, host: str, path: str, at: int) -> tuple[object, ...]:
    match = route.match
    conditions = bool(match.methods) + len(match.headers) + len(match.query) + len(match.cookies)
    return -route.priority, host_rank(host), path_rank(path), -conditions, id_, at


def host_rank(pattern: str) -> tuple[int, int]:
    if pattern == "*":
        return 3, 0
    if pattern.startswith("~"):
        return 2, 0
    return (1, -pattern.count(".")) if pattern.startswith("*.") else (0, 0)


def path_rank(pattern: str) -> tuple[int, list[tuple[float, int]]]:
    if pattern.startswith("~"):
        return 2, []
    segments = segments_of(pattern)
    if not any("{" in segment or "*" in segment for segment in segments):
        return 0, []
    kinds = [*(segment_rank(segment) for segment in segments), (math.inf, 0)]
    return (3 if "**" in segments else 1), kinds


def segment_rank(segment: str) -> tuple[float, int]:
    text = re.sub(r"\{\w+\}|\*", "", segment)
    if text == segment:
        return 0, 0
    if text:
        return 1, -len(text)
    return (3 if segment == "**" else 2), 0
