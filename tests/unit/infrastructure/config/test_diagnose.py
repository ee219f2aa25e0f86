"""Every problem inside one value."""

from typing import Annotated, Any

import pytest
from msgspec import Meta

from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.infrastructure.config.diagnose import MOST_FOUND, diagnose
from app.infrastructure.config.field_path import Path


def test_every_problem_of_a_service() -> None:
    found = diagnose(
        Service,
        {
            "targets": [{"wieght": 1}, {"url": 2, "weight": 70000}, "x"],
            "balance": 1,
            "retries": {"on": ["connect", "never"], "budget": 20, "attempts": 2.5},
            "timeouts": {"connect": "5"},
            "tls": [],
            "enabled": "yes",
            "tags": {},
        },
    )
    assert found == [
        (("targets", 0, "wieght"), "unknown key 'wieght'; did you mean weight?"),
        (("targets", 0, "url"), "is missing"),
        (("targets", 1, "url"), "expected text, got 2 (put it in quotes)"),
        (("targets", 1, "weight"), "expected a whole number <= 65535, got 70000"),
        (("targets", 2), "expected a mapping, got 'x'"),
        (("balance",), "expected one of round_robin, least_request, got 1"),
        (("retries", "on", 1), "expected one of connect, reset, 502, 503, 504, got 'never'"),
        (("retries", "budget"), "expected a percentage such as 20%, got 20"),
        (("retries", "attempts"), "expected a whole number, got 2.5"),
        (("timeouts", "connect"), "expected a duration such as 250ms, 5s or 1h30m, got '5'"),
        (("tls",), "expected a mapping, got a list"),
        (("enabled",), "expected true or false, got 'yes'"),
        (("tags",), "expected a list, got a mapping"),
    ]


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"match": {"headers": {"a": 1}}}, ("match", "headers", "a"), "expected text, got 1 (put it in quotes)"),
        ({"redirect": {"to": "/", "status": 200}}, ("redirect", "status"), "expected one of 301, 302, 303,"),
        ({"redirect": "x"}, ("redirect",), "expected a mapping, got 'x'"),
        ({"timeouts": {"total": 1}}, ("timeouts", "total"), "expected a duration such as 250ms, 5s or 1h30m, got 1"),
        ({"filters": ["cors"]}, ("filters", 0), "expected a mapping, got 'cors'"),
        ({"match": {"methods": ["G T"]}}, ("match", "methods", 0), "expected text that matches"),
    ],
)  # fmt: skip
def test_problems_of_routes(value: Any, path: Path, reason: str) -> None:
    (found,) = diagnose(Route, value)
    assert found[0] == path
    assert found[1].startswith(reason)


def test_an_empty_list_where_one_is_needed() -> None:
    assert diagnose(Annotated[tuple[Target, ...], Meta(min_length=1)], []) == [
        ((), "expected a list of at least this many: 1, got a list")
    ]


def test_nothing_wrong() -> None:
    assert diagnose(Route, {"url": "http://a", "redirect": None, "timeouts": {"total": "1s"}}) == []


@pytest.mark.parametrize(
    "value",
    [
        {"tags": [1] * 10_000},
        {"match": {"headers": {f"h{number}": 1 for number in range(10_000)}}},
        {f"k{number}": 1 for number in range(10_000)},
    ],
)
def test_a_value_full_of_mistakes_is_not_looked_at_to_its_end(value: dict[str, Any]) -> None:
    assert len(diagnose(Route, value)) == MOST_FOUND
