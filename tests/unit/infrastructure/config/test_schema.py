"""The schema of a file, through a validator that knows JSON Schema."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from app.domain.entities.config import GatewayConfig
from app.infrastructure.config.encoder import encode
from app.infrastructure.config.schema import json_schema
from app.infrastructure.config.yaml_document import load
from tests.unit.infrastructure.config.strategies import configs

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = sorted((Path(__file__).resolve().parents[4] / "examples").glob("*.y*ml"))


def places(document: object) -> list[str]:
    return sorted(error.json_path for error in VALIDATOR.iter_errors(document))


def test_it_is_a_schema_that_names_no_place_of_the_net() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].startswith("urn:")
    assert msgspec.json.decode(msgspec.json.encode(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    assert places(load(path.read_text())[0]) == []


def test_there_are_examples() -> None:
    assert EXAMPLES


@settings(max_examples=30)
@given(configs())
def test_what_is_decoded_is_valid(config: GatewayConfig) -> None:
    assert places(msgspec.json.decode(encode(config))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$schema: x",
        "services:",
        "services: {a: {targets: [{url: env:TARGET}], retries: {on: [reset, 503]}, timeouts: {idle: env:IDLE}}}",
        "routes: {a: {url: 'http://a', filters: [{headers: {request: {set: {a: b}}}}], timeouts: {total: 1h30m}}}",
    ],
)
def test_valid_files(text: str) -> None:
    assert places(load(text)[0]) == []


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ([], ["$"]),
        ({"route": {}}, ["$"]),
        ({"routes": {"a": {"url": "http://a", "servce": "b"}}}, ["$.routes.a"]),
        ({"routes": {"a": {}}}, ["$.routes.a"]),
        ({"routes": {"a": {"url": "http://a", "service": "b"}}}, ["$.routes.a"]),
        ({"routes": {"a": {"url": "http://a", "match": {"paths": "/a"}}}}, ["$.routes.a.match.paths"]),
        ({"services": {"a": {"targets": []}}}, ["$.services.a"]),
        ({"services": {"a": {}}}, ["$.services.a"]),
        ({"services": {"a": {"targets": [{"url": "x"}], "discover": {"consul": "a"}}}}, ["$.services.a"]),
        ({"services": {"a": {"discover": {"consul": "a", "dns": "b"}}}}, ["$.services.a.discover"]),
        ({"services": {"a": {"targets": [{"url": "x", "weight": -1}]}}}, ["$.services.a.targets[0].weight"]),
        ({"services": {"a": {"targets": [{"url": "x"}], "timeouts": {"idle": "5"}}}}, ["$.services.a.timeouts.idle"]),
    ],
)
def test_invalid_files(document: Any, found: list[str]) -> None:
    assert places(document) == found


def test_fields_carry_their_docstrings() -> None:
    timeouts = SCHEMA["$defs"]["Timeouts"]
    assert timeouts["properties"]["connect"]["description"] == "TCP and TLS handshake with the target."
    assert timeouts["properties"]["connect"]["default"] == "2s"
