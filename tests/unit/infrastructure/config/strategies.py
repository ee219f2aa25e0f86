"""Configurations and documents for hypothesis, and a decoder that knows two filters. Not a test."""

import string
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from app.domain.entities.chain import Chain
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import (
    ApiKey,
    BasicAccount,
    Certificate,
    Consumer,
    ConsumerLimit,
    SignatureKey,
    Subject,
)
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Match, Redirect, Respond, Rewrite, Route, WebSocketPolicy
from app.domain.entities.service import (
    Balance,
    Breaker,
    KeepAlive,
    Limits,
    Retries,
    RouteTimeouts,
    Service,
    Target,
    Timeouts,
)
from app.domain.entities.units import Duration, Rate, Share, Size
from app.domain.policies.routing import problems_of
from app.infrastructure.config.decoder import Decoder
from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.secrets import SecretReader


def filter_problems(entry: Mapping[str, Any]) -> list[str]:
    """Knows `headers`, `limit`, `token` and `use`; the first two refuse the option `bad`."""
    (name, options), *more = entry.items() if entry else [("", None)]
    if more or name not in ("headers", "limit", "token", "use"):
        return ["no such filter"]
    if name in ("token", "use"):
        return [] if isinstance(options, str) and options else [f"{name}: expected an id"]
    if isinstance(options, dict) and "bad" in options:
        return [f"{name}.bad: is bad"]
    return []


def filter_references(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`use` names a chain, `token` an issuer."""
    [(name, options)] = entry.items()
    section = {"use": "chains", "token": "issuers"}.get(name)
    return [(section, str(options))] if section else []


CHECKS = Checks(
    filter_problems,
    lambda route: problems_of(route, compile_regex),
    filter_references=filter_references,
)


def decoder(environment: Mapping[str, str] | None = None) -> Decoder:
    """A decoder with the real judge of matches."""
    return Decoder(CHECKS, SecretReader(environment or {}))


def entity_decoder(environment: Mapping[str, str] | None = None) -> EntityDecoder:
    """The same for single entities."""
    return EntityDecoder(CHECKS, SecretReader(environment or {}))


durations = st.floats(0.001, 86400, allow_nan=False).map(Duration)
sizes = st.integers(1, 2**40).map(Size)
shares = st.decimals(0, 100, places=2).map(lambda percent: Share.parse(f"{percent:f}%"))
ids = st.text(string.ascii_letters + string.digits + "-_.:@é", min_size=1, max_size=12)
tokens = st.text(string.ascii_lowercase + "-", min_size=1, max_size=8)
texts = st.text(max_size=8).filter(lambda text: not text.startswith(("env:", "file:/")))
values = st.text(string.ascii_letters, max_size=8)
hosts = st.sampled_from(["a.example", "10.0.0.1", "[::1]", "b"])
ports = st.integers(1, 65535)
urls = st.builds("{}://{}:{}".format, st.sampled_from(["http", "https"]), hosts, ports)

services = st.builds(
    Service,
    targets=st.lists(st.builds(Target, urls, st.integers(0, 65535)), min_size=1, max_size=3).map(tuple),
    balance=st.sampled_from(list(Balance)),
    timeouts=st.builds(Timeouts, durations, durations, durations, durations, durations),
    retries=st.builds(
        Retries,
        st.integers(0, 10),
        st.lists(st.sampled_from(["connect", "reset", "502", "503"])).map(tuple),
        shares,
        durations,
    ),
    keep_alive=st.builds(KeepAlive, st.integers(0, 999), durations),
    breaker=st.builds(Breaker, st.integers(1, 9), st.integers(0, 9)),
    limits=st.builds(Limits, sizes),
    description=texts,
    tags=st.lists(texts, max_size=2).map(tuple),
    enabled=st.just(True),
)

matches = st.builds(
    Match,
    st.lists(st.sampled_from(["a.example", "*.b.example", "~a+"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["/a/{id}", "/b/{id}/**", "/{id}"]), min_size=1, max_size=2).map(tuple),
    st.lists(st.sampled_from(["GET", "POST"]), max_size=2).map(tuple),
    st.dictionaries(tokens, values, max_size=2),
    st.dictionaries(values.filter(bool), values, max_size=2),
)

options = st.none() | st.dictionaries(tokens, texts | st.integers(0, 9) | st.booleans())
plain_routes = st.builds(
    Route,
    match=matches,
    priority=st.integers(-9, 9),
    url=urls,
    rewrite=st.sampled_from([Rewrite(), Rewrite("/a"), Rewrite("/a", "/b", host="target"), Rewrite(path="/{id}")]),
    filters=st.lists(st.fixed_dictionaries({"limit": options}), max_size=2).map(tuple),
    timeouts=st.builds(RouteTimeouts, st.none() | durations, total=st.none() | durations),
    websocket=st.builds(WebSocketPolicy, st.just(("https://a.example",)), sizes, durations, durations),
    description=texts,
)
redirects = st.builds(
    Route, match=matches, redirect=st.builds(Redirect, st.just("/x/{id}{query}"), st.sampled_from([301, 308]))
)
answers = st.builds(
    Route, match=matches, respond=st.builds(Respond, st.just(200), st.dictionaries(st.just("x-a"), values), texts)
)

issuer_texts = values.filter(bool)
issuers = st.builds(
    Issuer,
    issuer=issuer_texts,
    audience=st.lists(issuer_texts, min_size=1, max_size=2).map(tuple),
    algorithms=st.sampled_from([("RS256",), ("ES256", "EdDSA")]),
    jwks=st.just("https://login.example/jwks"),
    leeway=st.floats(0, 60).map(Duration),
    refresh=st.floats(1, 9999).map(Duration),
    description=texts,
    enabled=st.booleans(),
) | st.builds(
    Issuer,
    issuer=issuer_texts,
    audience=st.just(("api",)),
    algorithms=st.just(("HS256",)),
    secret=st.text(string.ascii_letters, min_size=32, max_size=40),
)
BCRYPT = "$2b$12$" + "a" * 53
rates = st.builds("{}/{}".format, st.integers(1, 999), st.sampled_from(["s", "min", "day"])).map(Rate.parse)


def consumer(number: int, issuer: str | None, **more: Any) -> Consumer:
    """A consumer whose credentials are those of `number` alone."""
    return Consumer(
        api_keys=(ApiKey(f"{number:064x}", "main", "2030-01-31"),),
        basic=(BasicAccount(f"user-{number}", BCRYPT),),
        signatures=(SignatureKey(f"key-{number}", secret="s" * 32),),
        certificates=(Certificate(dns=f"c{number}.example"),),
        subjects=() if issuer is None else (Subject(issuer, f"sub-{number}"),),
        **more,
    )


groups = st.lists(tokens, max_size=2).map(tuple)
limits = st.lists(
    st.builds(ConsumerLimit, rates, st.integers(0, 9), st.sampled_from(["host", "cluster"])), max_size=2
).map(tuple)
safe_ids = st.text(string.ascii_letters + string.digits + "-_.@é", min_size=1, max_size=12)


@st.composite
def configs(draw: st.DrawFn) -> GatewayConfig:
    """Configurations without a mistake."""
    made = draw(st.dictionaries(ids, services, max_size=2))
    routes = draw(st.dictionaries(ids, plain_routes | redirects | answers, max_size=3))
    for id_ in made:
        routes[f"to-{id_}"] = Route(match=draw(matches), service=id_)
    known = draw(st.dictionaries(safe_ids, issuers, max_size=2))
    chains = {id_: Chain(({"limit": None}, {"token": issuer})) for id_, issuer in zip("ab", known, strict=False)}
    if chains:
        chains["all"] = Chain(tuple({"use": id_} for id_ in chains), tags=("t",))
        routes["chained"] = Route(match=draw(matches), url=draw(urls), filters=({"use": "all"},))
    consumers = {
        id_: consumer(number, next(iter(known), None), groups=draw(groups), limits=draw(limits), enabled=number > 0)
        for number, id_ in enumerate(draw(st.lists(safe_ids, max_size=3, unique=True)))
    }
    return GatewayConfig(made, routes, known, consumers, chains)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3) | st.dates()
keys = (
    st.text()
    | st.integers()
    | st.sampled_from(
        [
            *("services", "routes", "targets", "url", "match", "paths", "filters", "timeouts", "redirect", "to"),
            *("issuers", "consumers", "chains", "issuer", "audience", "algorithms", "jwks", "secret", "leeway", "keys"),
            *("api_keys", "basic", "signatures", "certificates", "subjects", "limits", "sha256", "username", "use"),
        ]
    )
)
documents = st.recursive(
    scalars | st.sampled_from(["http://a:1", "/a", "5s", "env:X", "file:/nowhere", "~(", "/{"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)
