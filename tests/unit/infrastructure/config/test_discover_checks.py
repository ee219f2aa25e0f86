from typing import Any

import pytest

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.infrastructure.config.discover_checks import discover_problems, targets_problems
from app.infrastructure.config.field_path import render

ONE = (Target("http://10.0.0.1:80"),)


@pytest.mark.parametrize(
    "discover",
    [
        {"consul": "users"},
        {"consul": "users", "tag": "blue", "datacenter": "dc-2", "passing_only": False, "scheme": "https"},
        {"dns": "users.default.svc", "port": 8080},
        {"dns": "users.default.svc.", "port": 8080},
        {"srv": "_http._tcp.users.default.svc"},
    ],
)
def test_good_ones(discover: dict[str, Any]) -> None:
    assert discover_problems(Discover(**discover)) == []
    assert targets_problems((), Discover(**discover)) == []


@pytest.mark.parametrize(
    ("discover", "place", "reason"),
    [
        ({}, "", "expected one of consul, dns and srv, got none"),
        ({"consul": "a", "dns": "b", "port": 1}, "", "got consul and dns"),
        ({"consul": "a b"}, "consul", "expected the name of a service"),
        ({"consul": "a/../b"}, "consul", "expected the name of a service"),
        ({"consul": "a", "port": 80}, "port", "goes with dns only"),
        ({"consul": "a", "datacenter": "d c"}, "datacenter", "expected letters"),
        ({"dns": "a.b"}, "port", "is missing"),
        ({"dns": "a b", "port": 80}, "dns", "no name and no address"),
        ({"dns": "10.0.0.1", "port": 80}, "dns", "an address needs no discovery"),
        ({"dns": "[::1]", "port": 80}, "dns", "an address needs no discovery"),
        ({"dns": "a.b", "port": 80, "tag": "x"}, "tag", "goes with consul only"),
        ({"srv": "a..b"}, "srv", "no name and no address"),
        ({"srv": "a.b", "port": 80}, "port", "srv gives the ports itself"),
        ({"srv": "a.b", "datacenter": "dc1"}, "datacenter", "goes with consul only"),
        ({"srv": "a.b", "passing_only": False}, "passing_only", "goes with consul only"),
    ],
)
def test_mistakes_have_their_place(discover: dict[str, Any], place: str, reason: str) -> None:
    [(path, said)] = discover_problems(Discover(**discover))
    assert render(path) == place
    assert reason in said
    [(whole, _)] = targets_problems((), Discover(**discover))
    assert render(whole) == ".".join(part for part in ("discover", place) if part)


def test_targets_come_from_one_place() -> None:
    assert targets_problems(ONE, None) == []
    [(path, reason)] = targets_problems((), None)
    assert (path, "at least one target" in reason) == (("targets",), True)
    [(path, reason)] = targets_problems(ONE, Discover(consul="users"))
    assert (path, "not both" in reason) == (("discover",), True)
