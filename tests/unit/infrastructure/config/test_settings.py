"""Where settings come from, and what is told of mistakes."""

import msgspec
import pytest

from app.domain.entities.units import Duration
from app.infrastructure.config.field_docs import field_docs
from app.infrastructure.config.settings import Settings, SettingsError


def lines(environment: dict[str, str], overrides: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environment, overrides)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines


def test_defaults() -> None:
    settings = Settings.from_environment({"HOME": "/h"})
    assert settings == Settings(state_dir="/h/.local/state/api-gateway")
    assert settings.sources == {}
    assert settings.to_environment() == {}


def test_the_command_line_wins_over_the_environment_over_defaults() -> None:
    environment = {"GATEWAY_WORKERS": "4", "GATEWAY_GRACE": "10s", "GATEWAY_HTTP2": "off", "GATEWAY_SERVER": ""}
    settings = Settings.from_environment(environment, {"workers": 2, "http2": True, "listen": None})
    assert (settings.workers, settings.grace, settings.http2) == (2, Duration(10), True)
    assert (settings.listen, settings.server) == ("127.0.0.1:8000", "builtin")
    assert settings.sources == {"workers": "option", "grace": "environment", "http2": "option"}


def test_an_empty_option_asks_for_the_default() -> None:
    settings = Settings.from_environment({"GATEWAY_VIA": "edge"}, {"via": ""})
    assert settings.via == "gateway"
    assert settings.sources == {"via": "option"}


def test_descriptions() -> None:
    settings = Settings.from_environment({"GATEWAY_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}, {"workers": 3})
    rows = {row.name: row for row in settings.describe()}
    assert rows["workers"][:3] == ("workers", "3", "option")
    assert rows["workers"].variable == "GATEWAY_WORKERS"
    assert rows["trusted_proxies"][1:3] == ("10.0.0.0/8,::1", "environment")
    assert rows["grace"][1:3] == ("25s", "default")
    assert rows["redact"].value == "none"
    assert set(rows) == {field.name for field in msgspec.structs.fields(Settings)} - {"sources", "warnings"}
    assert all(row.help for row in rows.values())
    assert field_docs(Settings)["grace"] == rows["grace"].help


def test_another_process_gets_the_same_settings() -> None:
    outer = {"GATEWAY_WORKERS": "4", "GATEWAY_STATUS_ALLOW": "none", "GATEWAY_TLS_CERT": "a", "GATEWAY_TLS_KEY": "b"}
    ours = Settings.from_environment(outer, {"listen": ":0", "max_head": "1KiB", "tls_cert": "", "tls_key": ""})
    theirs = Settings.from_environment({**outer, **ours.to_environment()})
    assert (theirs.tls_cert, theirs.status_allow) == ("", ())
    assert msgspec.structs.replace(theirs, sources=ours.sources) == ours


def test_every_mistake_is_told_at_once() -> None:
    environment = {
        "GATEWAY_WORKERS": "x",
        "GATEWAY_SERVER": "grnian",
        "GATEWAY_STATUS_ALLOW": "10.0.0.1/8",
        "GATEWAY_TLS_CERT": "cert.pem",
        "GATEWAY_DNS_MIN_TTL": "2m",
    }
    found = lines(environment, {"head_timeout": "5", "workrs": 1})
    assert [line.partition(": expected")[0] for line in found] == [
        "GATEWAY_SERVER",
        "GATEWAY_WORKERS",
        "--head-timeout",
        "GATEWAY_STATUS_ALLOW",
        "--workrs: no such setting; did you mean workers?",
        "GATEWAY_TLS_KEY",
        "GATEWAY_DNS_MIN_TTL",
    ]


def test_a_certificate_needs_its_key() -> None:
    assert lines({"GATEWAY_TLS_KEY": "k"}) == ["GATEWAY_TLS_CERT: expected a PEM file, because GATEWAY_TLS_KEY is set"]


def test_unknown_variables_are_warnings() -> None:
    settings = Settings.from_environment({"GATEWAY_WORKER": "2"})
    assert settings.warnings == ("GATEWAY_WORKER: no such setting; did you mean GATEWAY_WORKERS?",)
