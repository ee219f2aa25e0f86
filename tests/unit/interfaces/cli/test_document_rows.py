"""Stored entities as rows, whatever is stored."""

from typing import Any

import pytest

from app.domain.entities.control import StoredEntity
from app.interfaces.cli.document_rows import COLUMNS, row_of


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
    assert len(row) == len(COLUMNS["routes"])


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
    assert len(row) == len(COLUMNS["services"])
