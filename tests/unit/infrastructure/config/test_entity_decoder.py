"""Single entities: judged as in a whole configuration, with the same words, as documents and as text."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.config import SECTIONS, AnyEntity, ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Route
from app.infrastructure.config.documents import Document
from app.infrastructure.config.encoder import encode
from app.infrastructure.config.entity_text import MOST_VALUES
from app.infrastructure.config.secrets import Secret
from tests.unit.infrastructure.config.strategies import configs, decoder, documents, entity_decoder

Outcome = AnyEntity | GatewayConfig | list[ConfigProblem]


def outcome(work: Callable[[], Outcome]) -> Outcome:
    """What it comes to; any other error than a ConfigError fails the test."""
    try:
        return work()
    except ConfigError as error:
        return error.problems


def refusals(section: str, data: bytes | str) -> list[str]:
    text = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(ConfigError) as caught:
        entity_decoder().read(section, "a", text, "redis gateway:x a")
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_configuration() -> None:
    reader = entity_decoder()
    url = {"targets": [{"url": "http://a"}]}
    config = reader.config({"services": {"s": url}, "routes": {"r": {"service": "s"}}}, "x")
    assert config.routes["r"] == Route(service="s")
    with pytest.raises(ConfigError, match=r"^x: routes\.r\.service: service 's' does not exist; there are none$"):
        reader.config({"routes": {"r": {"service": "s"}}}, "x")


def test_references_to_other_entities_are_not_looked_at() -> None:
    assert entity_decoder().entity("routes", "r", {"service": "nowhere"}, "x") == Route(service="nowhere")


def test_every_problem_is_told_with_place_entity_and_field() -> None:
    data = '{"url": "ftp://x", "match": {"paths": ["a"]}, "filters": [{"headers": {"bad": 1}}]}'
    assert refusals("routes", data) == [
        "redis gateway:x a: routes.a.url: expected http://host:port or https://host:port, got 'ftp://x'",
        "redis gateway:x a: routes.a.match.paths[0]: a path pattern starts with / (or with ~ for a regular expression)",
        "redis gateway:x a: routes.a.filters[0].headers.bad: is bad",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "routes.a: column 2: expecting property name enclosed in double quotes"),
        (b'{\n"url": nope}', "routes.a: line 2: column 8: expecting value"),
        (b"[]", "routes.a: expected a mapping, got a list"),
        (b"null", "routes.a: expected a mapping, got nothing"),
        (b'"x"', "routes.a: expected a mapping, got 'x'"),
        (b'{"url": "http://a", "url": "http://a"}', "routes.a: key 'url' stands twice in one object"),
        (b'{"priority": 1e999}', "routes.a.priority: expected a finite number, got inf"),
        (b'{"priority": 99999999999999999999}', "routes.a.priority: the number is too large"),
        (b'{"url": "http://a", "description": "\\ud800"}', "routes.a.description: '\\ud800' is no Unicode text"),
        (b'{"filters": [' + b"[" * 70 + b"]" * 70 + b"]}", "routes.a: nested more than 64 levels deep"),
        (b'{"tags": [' + b"1," * MOST_VALUES + b"1]}", "routes.a: too many values (aliases that repeat one another?)"),
    ],
)
def test_text_that_is_no_entity(data: bytes, reason: str) -> None:
    assert refusals("routes", data)[0] == f"redis gateway:x a: {reason}"


def test_secrets_are_resolved_and_never_shown() -> None:
    reader = entity_decoder({"T": "http://t:1", "S": "hunter2"})
    for data in (b'{"url": "env:T"}', b'{"url": "\\u0065nv:T"}'):
        entity = reader.read("routes", "a", data, "x")
        assert isinstance(entity, Route)
        assert isinstance(entity.url, Secret)
        assert entity.url == "http://t:1"
    with pytest.raises(ConfigError) as caught:
        reader.read("routes", "a", b'{"url": "env:S"}', "x")
    assert "hunter2" not in str(caught.value)
    assert refusals("routes", b'{"url": "env:NO"}')[0].endswith("url: environment variable NO is not set")


def test_the_canonical_form_by_either_way() -> None:
    for data in (
        b'{"url":"http://a","match":{"headers":{"X-A":"1"}}}',
        b'{"url":"http:\\/\\/a","match":{"headers":{"X-A":"1"}}}',
    ):
        entity = entity_decoder().read("routes", "a", data, "x")
        assert isinstance(entity, Route)
        assert entity.match.headers == {"x-a": "1"}


@pytest.mark.parametrize("data", [b"{}", b"["])
def test_a_section_that_does_not_exist(data: bytes) -> None:
    with pytest.raises(ConfigError):
        entity_decoder().read("rotues", "a", data, "x")
    with pytest.raises(ConfigError, match=r"unknown section 'rotues'; did you mean routes\?"):
        entity_decoder().entity("rotues", "a", {}, "x")


@given(configs())
def test_entities_are_what_they_are_in_a_whole_configuration(config: GatewayConfig) -> None:
    whole = json.loads(encode(config))
    assert entity_decoder().config(whole, "x") == decoder().decode(Document(whole), "x")
    for section in SECTIONS:
        for id_, entity in getattr(config, section).items():
            text = json.dumps(whole[section][id_], ensure_ascii=False).encode()
            assert entity_decoder().entity(section, id_, whole[section][id_], "x") == entity
            assert entity_decoder().read(section, id_, text, "x") == entity


@given(documents, st.sampled_from(SECTIONS))
def test_problems_are_those_of_a_whole_configuration(value: object, section: str) -> None:
    alone = outcome(lambda: entity_decoder().entity(section, "a", value, "x"))
    whole = outcome(lambda: decoder().decode(Document({section: {"a": value}}), "x"))
    if isinstance(whole, GatewayConfig):
        assert getattr(whole, section) == {"a": alone}
    elif isinstance(alone, list):
        assert alone == whole
    else:
        assert isinstance(whole, list)
        assert {problem.field.partition("[")[0] for problem in whole} <= {"service", "subjects", "filters"}


@given(st.binary() | documents.map(lambda value: json.dumps(value, default=repr, skipkeys=True).encode()))
def test_nothing_but_config_errors_comes_out_of_text(data: bytes) -> None:
    for section in SECTIONS:
        result = outcome(lambda section=section: entity_decoder().read(section, "a", data, "x"))  # type: ignore[misc]
        assert not isinstance(result, list) or {problem.entity for problem in result} == {f"{section}.a"}


BROKEN = Route(url="ftp://x", filters=({"body_limit": {"max": 1}},))


@pytest.mark.parametrize("data", [b'{"url": "ftp://x", "filters": [{"body_limit": {"max": 1}}]}'])
def test_what_is_known_to_be_good_is_not_judged_again(data: bytes) -> None:
    assert entity_decoder().read("routes", "a", data, "x", BROKEN) is BROKEN


@pytest.mark.parametrize(
    "data",
    [
        b'{"url": "ftp://x", "filters": [{"body_limit": {"max": true}}]}',
        b'{"url": "ftp://x", "filters": [{"body_limit": {"max": 1.0}}]}',
        b'{"url": "ftp://x"}',
    ],
)
def test_what_is_only_alike_is_judged(data: bytes) -> None:
    with pytest.raises(ConfigError):
        entity_decoder().read("routes", "a", data, "x", BROKEN)
