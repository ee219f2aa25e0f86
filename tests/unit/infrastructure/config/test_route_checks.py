"""What a route must be beyond its shape."""

import pytest

from app.domain.entities.route import Match, Redirect, Respond, Rewrite, Route, WebSocketPolicy
from app.domain.entities.service import RouteTimeouts
from app.domain.entities.units import Duration, Size
from app.infrastructure.config.field_path import Path
from app.infrastructure.config.route_checks import parameters, route_problems

FIELDS = Respond(headers={"Content-Length": "1"})
ID = Match(paths=("/a/{id}", "/b/{id}/**"))
URL = "http://a"


@pytest.mark.parametrize(
    "route",
    [
        Route(url=URL),
        Route(service="a", rewrite=Rewrite("/a", "/b", host="target")),
        Route(url=URL, match=ID, rewrite=Rewrite(path="/x/{id}", host="a.example:8080")),
        Route(redirect=Redirect("https://b.example{path}{query}")),
        Route(match=ID, redirect=Redirect("{scheme}://{host}/{id}")),
        Route(respond=Respond(204, {"X-A": "b"})),
        Route(url=URL, websocket=WebSocketPolicy(("*", "null", "https://a.example:8443", "app://x"))),
        Route(url=URL, timeouts=RouteTimeouts(queue=Duration(0), total=Duration(0))),
    ],
)
def test_sound_routes(route: Route) -> None:
    assert route_problems(route) == []


@pytest.mark.parametrize(
    ("route", "path", "reason"),
    [
        (Route(), (), "one of service, url, redirect, respond must say where requests go"),
        (Route(service="a", url=URL), ("url",), "excludes service"),
        (Route(url=URL, respond=Respond()), ("respond",), "excludes url"),
        (Route(url="a"), ("url",), "expected http://host:port"),
        (Route(url=URL, rewrite=Rewrite("a")), ("rewrite", "strip_prefix"), "expected a path that starts with /"),
        (Route(url=URL, rewrite=Rewrite(add_prefix="a")), ("rewrite", "add_prefix"), "expected a path that starts"),
        (Route(url=URL, rewrite=Rewrite(path="/a?b")), ("rewrite", "path"), "a path holds no ?"),
        (Route(url=URL, rewrite=Rewrite("/a", path="/b")), ("rewrite", "strip_prefix"), "excludes rewrite.path"),
        (Route(url=URL, rewrite=Rewrite(path="/{")), ("rewrite", "path"), "expected braces only as in {name}"),
        (Route(url=URL, rewrite=Rewrite(host="a b")), ("rewrite", "host"), "expected preserve, target, or host:port"),
        (Route(url=URL, rewrite=Rewrite(path="/{id}")), ("rewrite", "path"), "{id} stands for a parameter"),
        (Route(redirect=Redirect("//evil")), ("redirect", "to"), "expected a path, or a URL"),
        (Route(redirect=Redirect("/{who}")), ("redirect", "to"), "{who} stands for a parameter"),
        (Route(respond=Respond(headers={"a b": ""})), ("respond", "headers", "a b"), "is no field name"),
        (Route(respond=Respond(headers={"a": "é"})), ("respond", "headers", "a"), "expected printable ASCII"),
        (Route(respond=FIELDS), ("respond", "headers", "Content-Length"), "is written"),
        (Route(respond=Respond(304, body="x")), ("respond", "body"), "an answer with status 304 has no body"),
        (Route(url=URL, timeouts=RouteTimeouts(connect=Duration(0))), ("timeouts", "connect"), "expected more than 0"),
        (Route(url=URL, websocket=WebSocketPolicy(max_message=Size(0))), ("websocket", "max_message"), "expected more"),
        (Route(url=URL, websocket=WebSocketPolicy(ping=Duration(0))), ("websocket", "ping"), "expected more than 0"),
        (Route(url=URL, websocket=WebSocketPolicy(("a.example",))), ("websocket", "origins", 0), "expected an origin"),
    ],
)  # fmt: skip
def test_mistakes(route: Route, path: Path, reason: str) -> None:
    (found,) = route_problems(route)
    assert found[0] == path
    assert found[1].startswith(reason)


def test_a_name_must_be_in_every_pattern() -> None:
    match = Match(paths=("/a/{id}", "/b/{other}"))
    (found,) = route_problems(Route(url=URL, match=match, rewrite=Rewrite(path="/{id}")))
    assert "path '/b/{other}' has none of that name" in found[1]


def test_parameters() -> None:
    assert parameters("/a/{id}/x-{n}/**") == {"id", "n"}
    assert parameters("~/a/{2}") == set()
