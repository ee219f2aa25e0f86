"""What is told of a request that a route matches, and of one that none does."""

from collections.abc import Mapping
from typing import Any

from app.application.filter_facts import FilterFacts
from app.application.services.explain_service import OF_CONSUMERS, ExplainedStep, Explanation, explain_request
from app.domain.entities.chain import Chain
from app.domain.entities.config import GatewayConfig
from app.domain.entities.request import Client, Request
from app.domain.entities.route import Match, Redirect, Respond, Rewrite, Route
from app.domain.entities.service import RouteTimeouts, Service, Target, Timeouts
from app.domain.entities.units import Duration
from app.domain.policies.routing import RouteTable
from app.infrastructure.config.regex import compile_regex

USERS = Service(
    targets=(Target("http://10.0.0.1:80"), Target("http://10.0.0.2:80", weight=5)),
    timeouts=Timeouts(connect=Duration(1), total=Duration(9)),
)


def name_in(entry: Mapping[str, Any]) -> str:
    return next(iter(entry))


FACTS = FilterFacts(
    lambda _: [],
    lambda entry: f"does {name_in(entry)}",
    lambda entry: name_in(entry) in ("jwt", "api_key"),
    lambda entry, place: [f"{place.where}.{place.step}"] if name_in(entry) == "rate_limit" else [],
)


def request(path: str = "/users/7", *, encoded_slash: bool = False) -> Request:
    return Request(
        method="GET",
        scheme="http",
        authority="a.example:81",
        host="a.example",
        path=path,
        query="x=1",
        headers=[],
        fields={},
        client=Client("127.0.0.1", "127.0.0.1"),
        encoded_slash=encoded_slash,
    )


def explain(route: Route, asked: Request | None = None) -> Explanation:
    config = GatewayConfig(services={"users": USERS}, routes={"r": route})
    return explain_request(config, RouteTable.compile(config.routes, compile_regex), asked or request(), FACTS)


def test_no_route_is_a_404() -> None:
    story = explain(Route(match=Match(paths=("/else",)), url="http://b.example"))
    assert (story.route, [one.id for one in story.candidates]) == ("", ["r"])
    assert str(story.candidates[0].failed) == "path: wanted /else, got /users/7"
    assert story.answer == "404: no route matches a.example:81/users/7"


def test_a_service_is_told_with_what_it_gets() -> None:
    route = Route(
        match=Match(paths=("/users/{id}",)),
        service="users",
        rewrite=Rewrite(strip_prefix="/users", host="target"),
        timeouts=RouteTimeouts(total=Duration(3)),
        filters=({"jwt": {}}, {"cors": {}}),
    )
    story = explain(route)
    assert (story.method, story.host, story.path) == ("GET", "a.example", "/users/7")
    assert (story.route, story.params, story.answer) == ("r", {"id": "7"}, "service users")
    assert story.target == "/7?x=1"
    assert story.host_sent == "the target's"
    assert story.targets == ("http://10.0.0.1:80 (weight 100)", "http://10.0.0.2:80 (weight 5)")
    assert story.filters == ("jwt", "cors")
    assert story.steps == (
        ExplainedStep("routes.r.filters[0]", "does jwt"),
        OF_CONSUMERS,
        ExplainedStep("routes.r.filters[1]", "does cors"),
    )
    assert (story.timeouts["connect"], story.timeouts["total"]) == (1, 3)
    assert not story.refused


def test_a_url_is_a_service_of_its_own() -> None:
    story = explain(Route(url="http://b.example"))
    assert story.answer == "url http://b.example"
    assert (story.target, story.host_sent) == ("/users/7?x=1", "a.example:81")


def test_a_literal_host_is_told() -> None:
    assert explain(Route(url="http://b.example", rewrite=Rewrite(host="c.example"))).host_sent == "c.example"


def test_answers_of_the_gateway_are_told() -> None:
    assert explain(Route(respond=Respond(status=204))).answer == "respond 204"
    redirected = explain(Route(redirect=Redirect("https://b.example{path}{query}", status=302)))
    assert redirected.answer == "redirect 302 https://b.example/users/7?x=1"


def test_an_encoded_slash_is_refused_unless_the_route_keeps_it() -> None:
    asked = request("/a%2Fb", encoded_slash=True)
    refused = explain(Route(url="http://b.example"), asked)
    assert refused.refused
    assert refused.answer.startswith("400: ")
    kept = explain(Route(url="http://b.example", encoded_slashes="keep"), asked)
    assert (kept.refused, kept.target) == (False, "/a%2Fb?x=1")


def test_a_rewrite_that_cannot_be_is_refused() -> None:
    route = Route(match=Match(paths=("/users/{p}",)), url="http://b.example", rewrite=Rewrite(path="/x/.{p}"))
    story = explain(route, request("/users/."))
    assert (story.refused, story.route, story.target) == (True, "r", "")
    assert story.answer == "400: the rewritten path holds a dot segment"


def test_a_preflight_is_explained_as_the_request_that_it_is_about() -> None:
    route = Route(
        match=Match(paths=("/users/*",), methods=("PUT",)), service="users", filters=({"cors": {"origins": ["*"]}},)
    )
    asked = request()
    asked.method = "OPTIONS"
    asked.fields.update({b"origin": b"https://a.example", b"access-control-request-method": b"PUT"})
    story = explain(route, asked)
    assert (story.method, story.route, story.refused) == ("OPTIONS", "r", False)
    assert story.answer == "the filter cors: preflight for PUT"
    assert story.candidates[0].chosen
    without = explain(Route(match=route.match, service="users"), asked)
    assert (without.route, str(without.candidates[0].failed)) == ("", "method: wanted PUT, got OPTIONS")


def test_filters_of_chains_are_told_where_they_run() -> None:
    route = Route(match=Match(paths=("/users/*",)), service="users", filters=({"use": "public"}, {"jwt": {}}))
    chains = {"public": Chain(filters=({"use": "inner"}, {"bots": {}})), "inner": Chain(filters=({"methods": {}},))}
    config = GatewayConfig(services={"users": USERS}, routes={"r": route}, chains=chains)
    story = explain_request(config, RouteTable.compile(config.routes, compile_regex), request(), FACTS)
    assert story.filters == ("methods", "bots", "jwt")
    assert [(step.place, step.does) for step in story.steps] == [
        ("chains.inner.filters[0]", "does methods"),
        ("chains.public.filters[1]", "does bots"),
        ("routes.r.filters[1]", "does jwt"),
        ("consumers.ID.limits", "limits of whoever is asking"),
    ]


def test_limits_are_told_by_their_names() -> None:
    filters: tuple[dict[str, Any], ...] = ({"api_key": {}}, {"use": "public"}, {"jwt": {}}, {"rate_limit": {}})
    route = Route(match=Match(paths=("/users/*",)), service="users", filters=filters)
    chains = {"public": Chain(filters=({"rate_limit": {}},))}
    config = GatewayConfig(services={"users": USERS}, routes={"r": route}, chains=chains)
    story = explain_request(config, RouteTable.compile(config.routes, compile_regex), request(), FACTS)
    assert [step.limits for step in story.steps] == [
        (), ("chains.public.0",), (), ("consumers.ID.N",), ("routes.r.3",),
    ]  # fmt: skip
