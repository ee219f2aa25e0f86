"""Whole documents: what becomes a configuration, and that every mistake is told with its place."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target, Timeouts
from app.domain.entities.units import Duration
from app.infrastructure.config.document_files import to_yaml
from app.infrastructure.config.documents import Document, parse
from app.infrastructure.config.encoder import encode
from tests.unit.infrastructure.config.strategies import decoder, documents

ID = "an id has 1 to 128 printable characters and no blanks"
HEAVILY_BROKEN = """\
services:
  users:
    targets:
      - url: http://x
      - {url: http://a:1, wieght: 3}
    balance: least_requests
    timeouts:
      connect: 5x
  other: {targets: [{url: "ftp://x"}]}
routes:
  # A comment and an empty line before the next line do not count.

  one: {service: othr,
    rewrite: {path: "/y/{id}"},
    filters: [
      {headers: {bad: 1}},
      {heeders: {}}]}
  two:
    service: users
    match: {paths: [/a, x]}
  three: {url: "http://a",
    match: {headers: {x-token: "env:ABSENT"}}}
  four: 7
"""


def decode(text: str, environment: dict[str, str] | None = None) -> GatewayConfig:
    return decoder(environment).decode(parse(text.encode(), ".yaml"), "f.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        decode(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_configuration() -> None:
    config = decode("""
        services:
          users: {targets: [{url: "http://a:1", weight: 3}], timeouts: {connect: 250ms}}
        routes:
          users: {service: users, match: {paths: [/users/*]}}
          short: {url: "http://b:2"}
    """)
    assert config.services["users"] == Service(targets=(Target("http://a:1", 3),), timeouts=Timeouts(Duration(0.25)))
    assert isinstance(config.services["users"].timeouts.connect, Duration)
    assert config.routes["short"] == Route(url="http://b:2")
    assert list(config.routes) == ["users", "short"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "null", "{}", "services:\nroutes:\n", "$schema: x"])
def test_nothing_is_an_empty_configuration(text: str) -> None:
    assert decode(text) == GatewayConfig()


def test_every_mistake_is_told_at_once_with_file_line_entity_and_field() -> None:
    assert problems(HEAVILY_BROKEN) == [
        "f.yaml:5: services.users.targets[1].wieght: unknown key 'wieght'; did you mean weight?",
        "f.yaml:6: services.users.balance: expected one of round_robin, least_request, got 'least_requests';"
        " did you mean least_request?",
        "f.yaml:8: services.users.timeouts.connect: expected a duration such as 250ms, 5s or 1h30m, got '5x'",
        "f.yaml:9: services.other.targets[0].url: expected http://host:port or https://host:port, got 'ftp://x'",
        "f.yaml:13: routes.one.service: service 'othr' does not exist; did you mean other?",
        "f.yaml:14: routes.one.rewrite.path: {id} stands for a parameter of the match, but match.paths names none",
        "f.yaml:16: routes.one.filters[0].headers.bad: is bad",
        "f.yaml:17: routes.one.filters[1]: no such filter",
        "f.yaml:20: routes.two.match.paths[1]: a path pattern starts with / (or with ~ for a regular expression)",
        "f.yaml:22: routes.three.match.headers.x-token: environment variable ABSENT is not set",
        "f.yaml:23: routes.four: expected a mapping, got 7",
    ]


def test_a_service_that_is_wrong_is_not_missing() -> None:
    found = problems("services: {a: {targets: 1}}\nroutes: {r: {service: a}}")
    assert found == ["f.yaml:1: services.a.targets: expected a list, got 1"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "f.yaml:1: expected a mapping with services, issuers, consumers, chains and routes, got a list"),
        ("hello", "f.yaml:1: expected a mapping with services, issuers, consumers, chains and routes, got 'hello'"),
        ("route: {}", "f.yaml:1: route: unknown key 'route'; did you mean routes?"),
        ("routes: []", "f.yaml:1: routes: expected a mapping of ids to routes, got a list"),
        ("routes:\n  a:", "f.yaml:2: routes.a: expected a mapping, got nothing"),
        ("routes:\n  1: {url: 'http://a'}", "f.yaml:1: routes: expected text as key, got 1 (put it in quotes)"),
        ("routes: {'a b': {url: 'http://a'}}", f"f.yaml:1: routes.a b: {ID}"),
        ("routes: {a: {url: 'http://a'}, a: {}}", "f.yaml:1: routes.a: stands twice in its mapping, first in line 1"),
    ],
)  # fmt: skip
def test_mistakes_at_the_top(text: str, problem: str) -> None:
    assert problems(text)[0] == problem


def test_a_route_must_not_use_a_service_that_is_switched_off() -> None:
    service = "services: {a: {enabled: false, targets: [{url: 'http://a'}]}}\n"
    assert problems(service + "routes: {r: {service: a}}") == ["f.yaml:2: routes.r.service: service 'a' is not enabled"]
    assert decode(service + "routes: {r: {service: a, enabled: false}}").services["a"].enabled is False


def test_secrets_are_resolved_anywhere_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    text = f"""
        services: {{a: {{targets: [{{url: env:TARGET}}], timeouts: {{connect: env:TIME}}}}}}
        routes:
          r:
            service: a
            match: {{headers: {{X-Key: "file:{tmp_path}/key"}}}}
            filters: [{{headers: {{set: {{authorization: env:TOKEN}}}}}}]
    """
    config = decode(text, {"TARGET": "http://t:1", "TIME": "3s", "TOKEN": "s3cret"})
    assert config.services["a"].targets[0].url == "http://t:1"
    assert config.services["a"].timeouts.connect == Duration(3)
    assert config.routes["r"].match.headers == {"x-key": "from-file"}
    assert config.routes["r"].filters[0]["headers"]["set"]["authorization"] == "s3cret"
    assert "s3cret" not in repr(config)


@pytest.mark.parametrize("field", ["balance: env:S", "timeouts: {idle: env:S}", "targets: [{url: env:S}]"])
def test_the_reason_for_refusing_a_secret_does_not_tell_it(field: str) -> None:
    document = parse(f"services: {{a: {{{field}}}}}".encode(), ".yaml")
    with pytest.raises(ConfigError) as caught:
        decoder({"S": "hunter2"}).decode(document, "f")
    assert "env:S" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_document_that_holds_itself_is_refused() -> None:
    assert problems("routes: &a {b: *a}") == ["f.yaml: nested more than 64 levels deep"]


def outcome(value: object) -> GatewayConfig | list[ConfigProblem]:
    """What decoding comes to; any other error fails the test."""
    try:
        return decoder().decode(Document(value), "generated")
    except ConfigError as error:
        return error.problems


@given(documents)
def test_nothing_but_config_errors_comes_out(value: object) -> None:
    result = outcome(value)
    if isinstance(result, list):
        assert result
        assert all(problem.reason for problem in result)


@given(documents, documents)
def test_nothing_but_config_errors_comes_out_of_entities(service: object, route: object) -> None:
    result = outcome({"services": {"a": service}, "routes": {"b": route}})
    if isinstance(result, list):
        assert {problem.entity for problem in result} <= {"services.a", "routes.b"}
    else:
        assert set(result.services) == {"a"}


PROTECTED = {
    "issuers": {"main": {"issuer": "https://i", "audience": "api", "algorithms": ["HS256"], "secret": "env:SECRET"}},
    "consumers": {
        "app": {
            "groups": ["partners"],
            "api_keys": [{"sha256": "ab" * 32, "expires": "2030-01-31"}],
            "certificates": [{"sha256": ":".join(["AB"] * 32)}],
            "limits": [{"rate": "5000/day"}],
        }
    },
    "chains": {"short": [{"limit": {"most": 1}}], "long": {"filters": [{"use": "short"}], "tags": ["t"]}},
    "routes": {"r": {"url": "http://a", "filters": [{"use": "long"}]}},
}


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_every_section_in_every_format(suffix: str) -> None:
    writers: dict[str, Callable[[object], str]] = {".json": json.dumps, ".yaml": to_yaml, ".toml": to_toml}
    made = writers[suffix](PROTECTED)
    config = decoder({"SECRET": "s" * 32}).decode(parse(made.encode(), suffix), "f")
    assert config.issuers["main"].audience == ("api",)
    assert config.issuers["main"].secret == "s" * 32
    assert config.consumers["app"].certificates[0].sha256 == "ab" * 32
    assert str(config.consumers["app"].limits[0].rate) == "5000/day"
    assert config.chains["short"].filters == ({"limit": {"most": 1}},)
    assert config.chains["long"].tags == ("t",)
    assert "ssss" not in repr(config)
    assert b"env:SECRET" in encode(config)
    assert b"ssss" not in encode(config)


def to_toml(value: object) -> str:
    """Inline tables, which take any shape."""
    assert isinstance(value, dict)
    return "\n".join(f"{key} = {inline(one)}" for key, one in value.items())


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("issuers: {'a:b': {}}", "f.yaml:1: issuers.a:b: the id of an issuer holds no colon"),
        ("consumers: {'a:b': {}}", "f.yaml:1: consumers.a:b: the id of a consumer holds no colon"),
        (
            "consumers:\n  a:\n    api_keys: [{sha256: hunter2}]",
            "f.yaml:3: consumers.a.api_keys[0].sha256: expected 64 hex digits in lower case: "
            "the SHA-256 of the key, never the key itself",
        ),
        ("consumers: {a: {group: [x]}}", "f.yaml:1: consumers.a.group: unknown key 'group'; did you mean groups?"),
        ("chains: {a: [{lmit: 1}]}", "f.yaml:1: chains.a.filters[0]: no such filter"),
        ("chains: {a: 1}", "f.yaml:1: chains.a: expected a mapping, got 1"),
        ("issuers: {a: {issuer: x}}", "f.yaml:1: issuers.a.audience: is missing"),
    ],
)
def test_mistakes_of_other_sections(text: str, problem: str) -> None:
    assert problem in problems(text)
