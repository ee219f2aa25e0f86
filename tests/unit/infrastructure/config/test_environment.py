"""The variables of settings."""

import pytest

from app.infrastructure.config.environment import state_dir, unknown_variables, variable


def test_variables() -> None:
    assert variable("head_timeout") == "GATEWAY_HEAD_TIMEOUT"


def test_unknown_variables_are_told() -> None:
    environment = {"GATEWAY_LISTN": "x", "GATEWAY_LISTEN": "y", "PATH": "z", "gateway_x": ""}
    assert unknown_variables(environment, ["listen", "workers"]) == [
        "GATEWAY_LISTN: no such setting; did you mean GATEWAY_LISTEN?"
    ]


def test_the_switch_for_tracebacks_is_no_mistake_and_is_not_suggested() -> None:
    assert unknown_variables({"GATEWAY_DEBUG": "1"}, ["listen"]) == []
    [line] = unknown_variables({"GATEWAY_DEBUGG": "1"}, ["listen"])
    assert "GATEWAY_DEBUG?" not in line


@pytest.mark.parametrize(
    "name", ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP", "PORT_80_TCP_ADDR"]
)
def test_what_kubernetes_sets_for_a_service_called_gateway_is_no_mistake(name: str) -> None:
    assert unknown_variables({f"GATEWAY_{name}": "tcp://10.0.0.1:80"}, ["listen"]) == []


@pytest.mark.parametrize(
    ("environment", "directory"),
    [
        ({"HOME": "/h"}, "/h/.local/state/api-gateway"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "/s/api-gateway"),
        ({"HOME": ""}, "off"),
        ({}, "off"),
    ],
)
def test_where_state_is_kept(environment: dict[str, str], directory: str) -> None:
    assert state_dir(environment) == directory
