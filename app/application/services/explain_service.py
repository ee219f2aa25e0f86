"""Says what would happen to a request, and why. Not for doing it."""

from collections.abc import Sequence
from typing import Final

import msgspec

from app.application.filter_facts import FilterFacts
from app.application.kinds import Place
from app.application.services.snapshot import service_of
from app.domain.entities.config import GatewayConfig
from app.domain.entities.request import Request
from app.domain.entities.route import Route
from app.domain.entities.service import Timeouts
from app.domain.errors import GatewayError
from app.domain.policies.chains import Step, expand
from app.domain.policies.preflights import FILTER, answers_preflights, asked_method, match_preflight, sent_as
from app.domain.policies.rewriting import compile_redirect, compile_rewrite
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_explain import Candidate
from app.domain.policies.routing_explain import explain as candidates_of
from app.domain.policies.timeouts import effective_timeouts


class ExplainedStep(msgspec.Struct, frozen=True):
    """One filter of the route."""

    place: str
    """Where it is written: `chains.public-api.filters[0]`."""
    does: str
    """`cors: …`."""
    limits: tuple[str, ...] = ()
    """Names of the limits that it counts by."""


OF_CONSUMERS: Final = ExplainedStep("consumers.ID.limits", "limits of whoever is asking", ("consumers.ID.N",))
"""Stands right after the last filter that finds out who is asking."""


class Explanation(msgspec.Struct, frozen=True):
    """What would happen to a request."""

    method: str
    host: str
    path: str
    """The canonical path, which is what routes see."""
    candidates: tuple[Candidate, ...] = ()
    """In the order in which they are tried."""
    route: str = ""
    """The chosen one; empty when none matches."""
    params: dict[str, str] = {}
    refused: bool = False
    """Whether the gateway would refuse it although a route matches."""
    answer: str = ""
    """Who answers: `service users`, `url …`, `redirect 308 …`, `respond 200`, or a refusal."""
    targets: tuple[str, ...] = ()
    target: str = ""
    """What stands in the request line to the target."""
    host_sent: str = ""
    filters: tuple[str, ...] = ()
    """Names of the filters in the order in which they run, those of chains in their places."""
    steps: tuple[ExplainedStep, ...] = ()
    """The same filters, with what they do."""
    timeouts: dict[str, float] = {}
    """Seconds; 0 sets no limit."""


def explain_request(config: GatewayConfig, table: RouteTable, request: Request, facts: FilterFacts) -> Explanation:
    """The whole story; `table` is that of the enabled routes of `config`."""
    asked = match_preflight(table, request, _Answering(config))
    with sent_as(request, request.method if asked is None else asked_method(request)):
        candidates = tuple(candidates_of(table, request))
        found = table.match(request)
    story = Explanation(request.method, request.host, request.path, candidates)
    if found is None:
        return msgspec.structs.replace(story, answer=f"404: no route matches {request.authority}{request.path}")
    id_, params = found[0].id, found[1]
    route = config.routes[id_]
    steps = expand(f"routes.{id_}", route.filters, config.chains)
    chosen = msgspec.structs.replace(
        story,
        route=id_,
        params=params,
        filters=tuple(name for step in steps for name in step.entry),
        steps=tuple(_explained(steps, id_, facts)),
    )
    if request.encoded_slash and route.encoded_slashes == "reject":
        return _refused(chosen, 400, "the path holds an encoded slash or backslash")
    if asked is not None:
        return msgspec.structs.replace(chosen, answer=f"the filter {FILTER}: preflight for {asked_method(request)}")
    try:
        return _answered(chosen, config, route, request)
    except GatewayError as error:
        return _refused(chosen, error.status, error.detail)


def _explained(steps: Sequence[Step], route: str, facts: FilterFacts) -> list[ExplainedStep]:
    asking = max((at for at, one in enumerate(steps) if facts.identifies(one.entry)), default=-1)
    explained = []
    for at, one in enumerate(steps):
        limits = facts.limits(one.entry, Place(one.where, one.step, route))
        explained.append(ExplainedStep(f"{one.where}.filters[{one.step}]", facts.describe(one.entry), tuple(limits)))
        if at == asking:
            explained.append(OF_CONSUMERS)
    return explained


class _Answering:
    """The ids of routes that answer preflights."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config = config

    def __contains__(self, id_: object) -> bool:
        route = self._config.routes[str(id_)]
        return answers_preflights(route.filters, self._config.chains)


def _answered(story: Explanation, config: GatewayConfig, route: Route, request: Request) -> Explanation:
    if route.redirect is not None:
        location = compile_redirect(route.redirect)(request, story.params)
        return msgspec.structs.replace(story, answer=f"redirect {route.redirect.status} {location}")
    if route.respond is not None:
        return msgspec.structs.replace(story, answer=f"respond {route.respond.status}")
    return _forwarded(story, config, route, request)


def _forwarded(story: Explanation, config: GatewayConfig, route: Route, request: Request) -> Explanation:
    service = service_of(route, config.services)
    rewrite = compile_rewrite(route)
    target = rewrite(request.path, request.query, story.params) if rewrite else request.target
    host = {"preserve": request.authority, "target": "the target's"}.get(route.rewrite.host, route.rewrite.host)
    return msgspec.structs.replace(
        story,
        answer=f"service {route.service}" if route.service else f"url {route.url}",
        targets=tuple(_weighted(target.url, target.weight) for target in service.targets),
        target=target,
        host_sent=host,
        timeouts=_seconds(effective_timeouts(service.timeouts, route.timeouts)),
    )


def _refused(story: Explanation, status: int, why: str) -> Explanation:
    return msgspec.structs.replace(story, refused=True, answer=f"{status}: {why}")


def _weighted(url: str, weight: int) -> str:
    return f"{url} (weight {weight})"


def _seconds(timeouts: Timeouts) -> dict[str, float]:
    return {name: float(getattr(timeouts, name)) for name in timeouts.__struct_fields__}
