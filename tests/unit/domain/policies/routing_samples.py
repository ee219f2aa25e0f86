"""Short ways to make requests, routes and tables for the tests of routing."""

from app.domain.entities.request import Client, Request
from app.domain.entities.route import Match, Route
from app.domain.policies.paths import canonical_path
from app.domain.policies.routing import RouteTable
from app.infrastructure.config.regex import compile_regex

CLIENT = Client(address="192.0.2.1", peer="192.0.2.1")


def ask(path: str = "/", *, host: str = "example.com", method: str = "GET", query: str = "", **fields: str) -> Request:
    """A request; `path` is made canonical, underscores in names of fields stand for hyphens."""
    named = {name.replace("_", "-").encode(): value.encode() for name, value in fields.items()}
    canonical, encoded_slash = canonical_path(path.encode())
    return Request(
        method=method,
        scheme="http",
        authority=host,
        host=host,
        path=canonical,
        query=query,
        headers=list(named.items()),
        fields=named,
        client=CLIENT,
        encoded_slash=encoded_slash,
    )


def route(*paths: str, hosts: tuple[str, ...] = (), priority: int = 0) -> Route:
    """A route of nothing but paths, hosts and priority."""
    return Route(match=Match(paths=paths, hosts=hosts), priority=priority, url="http://127.0.0.1:9000")


def table_of(**routes: Route | Match | str) -> RouteTable:
    """A table of routes by id; text stands for one path."""
    compiled = {}
    for id_, given in routes.items():
        if isinstance(given, str):
            compiled[id_] = route(given)
        else:
            compiled[id_] = given if isinstance(given, Route) else Route(match=given, url="http://127.0.0.1:9000")
    return RouteTable.compile(compiled, compile_regex)


def found(table: RouteTable, request: Request) -> str | None:
    """The id of the route that a request gets."""
    match = table.match(request)
    return match[0].id if match is not None else None
