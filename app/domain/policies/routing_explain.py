"""Why a request gets the route that it gets: every route in order, and what each asked for in vain.

Not for the data path: it looks at every route.
"""

import msgspec

from app.domain.entities.request import Request
from app.domain.policies.paths import fold
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_conditions import Conditions, ValueTest, cookies, field_text, query_parameters
from app.domain.policies.routing_entries import CompiledRoute, Entry, entries_of


class Failure(msgspec.Struct, frozen=True):
    """The first condition of a route that a request does not meet."""

    kind: str
    """`host`, `path`, `method`, `header`, `query` or `cookie`."""
    wanted: str
    """`/users/*`, `GET, POST` or, for named conditions, `x-beta: 1`."""
    got: str
    """What the request has; empty when it has nothing."""

    def __str__(self) -> str:
        return f"{self.kind}: wanted {self.wanted}, got {self.got or 'none'}"


class Candidate(msgspec.Struct, frozen=True):
    """A route that was looked at."""

    id: str
    matched: bool
    failed: Failure | None = None
    """None when all conditions hold."""
    chosen: bool = False


def explain(table: RouteTable, request: Request) -> list[Candidate]:
    """Every route in the order in which it would be tried for `request`; the first that matches is chosen.

    A route with several hosts or paths stands where the one that fits the request puts it, else where its best does.
    """
    path = fold(request.path)
    looked_at = sorted(_look(route, request, path) for route in table.routes.values())
    candidates = []
    chosen = False
    for _, id_ in looked_at:
        failed = _failure(table.routes[id_], request, path)
        candidates.append(Candidate(id_, failed is None, failed, chosen=failed is None and not chosen))
        chosen = chosen or failed is None
    return candidates


def _look(route: CompiledRoute, request: Request, path: str) -> tuple[object, str]:
    entries = sorted(entries_of(route), key=lambda entry: entry.rank)
    fitting = [entry for entry in entries if _fits(entry, request, path)]
    return (fitting or entries)[0].rank, route.id


def _fits(entry: Entry, request: Request, path: str) -> bool:
    return entry.host.matches(request.host) and entry.path.matches(path)


def _failure(route: CompiledRoute, request: Request, path: str) -> Failure | None:
    if not any(host.matches(request.host) for host in route.hosts):
        return Failure("host", ", ".join(host.text for host in route.hosts), request.host)
    if not any(pattern.matches(path) for pattern in route.paths):
        return Failure("path", ", ".join(pattern.text for pattern in route.paths), request.path)
    return _unmet(route.conditions, request) if route.conditions is not None else None


def _unmet(conditions: Conditions, request: Request) -> Failure | None:
    if conditions.methods and request.method not in conditions.methods:
        return Failure("method", ", ".join(sorted(conditions.methods)), request.method)
    for name, test in conditions.headers:
        value = request.fields.get(name)
        if value is None or not test.accepts(field_text(value)):
            return Failure("header", f"{name.decode()}: {test.text}", field_text(value or b""))
    return _unmet_of("query", conditions.query, query_parameters(request.query)) or _unmet_of(
        "cookie", conditions.cookies, cookies(request.fields.get(b"cookie", b""))
    )


def _unmet_of(kind: str, tests: tuple[ValueTest, ...], found: dict[str, list[str]]) -> Failure | None:
    for test in tests:
        if not test.accepts_any(found.get(test.name)):
            return Failure(kind, f"{test.name}: {test.text}", ", ".join(found.get(test.name, [])))
    return None
