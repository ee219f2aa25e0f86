"""Stored entities as rows, whatever is stored."""

from typing import Any

import pytest

from app.domain.entities.control import StoredEntity
from app.interfaces.cli.document_rows import columns_of, row_of


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (
            {"match": {"hosts": ["a", "b"], "paths": ["/x"], "methods": ["GET", "PUT"]}, "service": "s"},
            ("r", "a\nb", "/x", "GET PUT", "service s", "yes"),
        ),
        ({"url": "http://a", "enabled": False}, ("r", "any", "any", "any", "http://a", "no")),
        ({"redirect": {"to": "/y"}}, ("r", "any", "any", "any", "redirect /y", "yes")),
        ({"respond": {}}, ("r", "any", "any", "any", "respond", "yes")),
        ({"match": {"paths": "/x"}, "respond": 7}, ("r", "any", "/x", "any", "", "yes")),
        ({"match": [1]}, ("r", "any", "any", "any", "", "yes")),
        ("nonsense", ("r", "any", "any", "any", "", "yes")),
    ],
)
def test_routes(document: Any, row: tuple[str, ...]) -> None:
    assert row_of("routes", "r", StoredEntity(document, "v")) == row
    assert len(row) == len(columns_of("routes"))


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (
            {"targets": [{"url": "http://a"}, "http://b"], "balance": "least_request"},
            ("s", "http://a\nhttp://b", "least_request", "yes"),
        ),
        ({"targets": [{"weight": 1}]}, ("s", "{'weight': 1}", "round_robin", "yes")),
        (None, ("s", "", "round_robin", "yes")),
    ],
)
def test_services(document: Any, row: tuple[str, ...]) -> None:
    assert row_of("services", "s", StoredEntity(document, "v")) == row
    assert len(row) == len(columns_of("services"))


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (
            {"issuer": "https://a", "audience": "api", "algorithms": ["RS256", "ES256"], "jwks": "https://a/keys"},
            ("i", "https://a", "api", "RS256 ES256", "https://a/keys", "yes"),
        ),
        ({"audience": ["a", "b"], "pem": ["a.pem", "b.pem"]}, ("i", "", "a\nb", "", "a.pem\nb.pem", "yes")),
        ({"secret": "never shown"}, ("i", "", "", "", "secret", "yes")),
        ({"keys": [{}, {}], "enabled": False}, ("i", "", "", "", "2 keys", "no")),
        ("nonsense", ("i", "", "", "", "", "yes")),
    ],
)
def test_issuers(document: Any, row: tuple[str, ...]) -> None:
    assert row_of("issuers", "i", StoredEntity(document, "v")) == row
    assert len(row) == len(columns_of("issuers"))


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (
            {"groups": ["a", "b"], "api_keys": [{}], "basic": [{}, {}], "limits": [{"rate": "10/s"}, "odd"]},
            ("c", "a\nb", "1 API key\n2 passwords", "10/s", "yes"),
        ),
        ({"api_keys": "odd", "limits": 7, "enabled": False}, ("c", "", "", "", "no")),
        ("nonsense", ("c", "", "", "", "yes")),
    ],
)
def test_consumers(document: Any, row: tuple[str, ...]) -> None:
    assert row_of("consumers", "c", StoredEntity(document, "v")) == row
    assert len(row) == len(columns_of("consumers"))


@pytest.mark.parametrize(
    ("document", "row"),
    [
        ({"filters": [{"cors": {}}, {"use": "other"}, "odd"]}, ("c", "cors\nuse other", "yes")),
        ([{"headers": {}}], ("c", "headers", "yes")),
        ({"filters": 7, "enabled": False}, ("c", "", "no")),
        (7, ("c", "", "yes")),
    ],
)
def test_chains(document: Any, row: tuple[str, ...]) -> None:
    assert row_of("chains", "c", StoredEntity(document, "v")) == row
    assert len(row) == len(columns_of("chains"))
