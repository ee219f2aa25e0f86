"""A route as one row of a table. Not for printing it."""

from app.domain.entities.route import Match, Route
from app.interfaces.cli.toolbox import RouteRow


def row_of(id_: str, route: Route) -> RouteRow:
    """What a table shows of a route."""
    match = route.match
    return RouteRow(
        id_, match.hosts, match.paths, tuple(match.methods), _conditions(match), _goes_to(route), route.priority
    )


def _conditions(match: Match) -> tuple[str, ...]:
    kinds = (("header", match.headers), ("query", match.query), ("cookie", match.cookies))
    return tuple(
        f"{kind} {name}: {_shown(wanted)}" for kind, conditions in kinds for name, wanted in conditions.items()
    )


def _goes_to(route: Route) -> str:
    if route.redirect is not None:
        return f"redirect {route.redirect.status} {route.redirect.to}"
    if route.respond is not None:
        return f"respond {route.respond.status}"
    return f"service {route.service}" if route.service else _shown(route.url)


def _shown(text: str) -> str:
    """A value that stands elsewhere is shown as its reference, never as what it is."""
    return str(getattr(text, "reference", text))
