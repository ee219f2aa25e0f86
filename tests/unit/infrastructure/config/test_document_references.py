"""Entities of one document fit together, or the whole of it is refused with every place."""

from app.domain.entities.config import ConfigError
from app.infrastructure.config.documents import parse
from tests.unit.infrastructure.config.strategies import decoder

ISSUER = "issuers: {main: {issuer: i, audience: a, algorithms: [RS256], jwks: 'https://i/'}}\n"


def problems(text: str) -> list[str]:
    try:
        decoder().decode(parse(text.encode(), ".yaml"), "f")
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_what_is_named_must_be_there_and_a_likely_name_is_suggested() -> None:
    text = ISSUER + (
        "consumers: {c: {subjects: [{issuer: mian, subject: s}]}}\n"
        "chains: {one: [{token: other}, {use: tow}], two: []}\n"
        "routes: {r: {url: 'http://a', filters: [{use: twoo}]}}\n"
    )
    assert problems(text) == [
        "f:2: consumers.c.subjects[0].issuer: issuer 'mian' does not exist; did you mean main?",
        "f:3: chains.one.filters[0].token: issuer 'other' does not exist; there are: main",
        "f:3: chains.one.filters[1].use: chain 'tow' does not exist; did you mean two?",
        "f:4: routes.r.filters[0].use: chain 'twoo' does not exist; did you mean two?",
    ]


def test_chains_must_be_enabled_where_they_are_used_and_issuers_need_not_be() -> None:
    chains = "chains: {c: {filters: [{token: main}], enabled: false}}\n"
    off = ISSUER.replace("audience", "enabled: false, audience") + chains
    assert problems(off) == []
    route = "routes: {r: {url: 'http://a', filters: [{use: c}]}}"
    assert problems(off + route) == ["f:3: routes.r.filters[0].use: chain 'c' is not enabled"]
    assert problems(off + route.replace("url", "enabled: false, url")) == []


def test_a_filter_with_mistakes_names_nothing_and_a_chain_with_mistakes_is_not_missing() -> None:
    text = "chains: {c: {filters: 1}}\nroutes: {r: {url: 'http://a', filters: [{use: 1}, {use: c}]}}"
    assert problems(text) == [
        "f:1: chains.c.filters: expected a list, got 1",
        "f:2: routes.r.filters[0].use: expected an id",
    ]


def test_circles_and_too_many_filters() -> None:
    assert problems("chains:\n  a: [{use: b}]\n  b: {filters: [{use: a}], enabled: true}\n") == [
        "f:2: chains.a.filters: chain 'a' uses itself, by way of a -> b -> a",
        "f:3: chains.b.filters: chain 'b' uses itself, by way of b -> a -> b",
    ]
    many = f"chains: {{c: [{', '.join(['{limit: {}}'] * 60)}]}}\n"
    route = "routes: {r: {url: 'http://a', filters: [{use: c}, {use: c}]}, s: {url: 'http://a', filters: [{use: c}]}}"
    assert problems(many + route) == ["f:2: routes.r.filters: more than 100, with those of the chains"]


def test_a_credential_belongs_to_one_consumer() -> None:
    key = f"api_keys: [{{sha256: '{'0' * 64}'}}]"
    assert problems(f"consumers:\n  b: {{{key}}}\n  a: {{{key}}}\n") == [
        "f:2: consumers.b.api_keys[0].sha256: consumer 'a' has the same API key: each belongs to one consumer only"
    ]
