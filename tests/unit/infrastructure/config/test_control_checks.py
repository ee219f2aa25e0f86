"""Settings of the control plane that cannot be meant are refused before anything starts."""

import pytest

from app.infrastructure.config.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("store", "file"),
        ("store", "redis://user:secret@r:1/2"),
        ("store", "rediss+sentinel://a:1,b:2/mymaster/0"),
        ("store", "consuls://c:8501"),
        ("redis_prefix", "{gateway}:blue"),
        ("consul_prefix", "teams/a"),
        ("webhook_sources", "https://example.com/gateway.yaml,https://example.com/config/"),
        ("webhook_gitlab_token", "whsec_" + "c2VjcmV0" * 4),
    ],
)
def test_what_can_be_used(name: str, good: str) -> None:
    settings = Settings.from_environment({}, {name: good})
    value = getattr(settings, name)
    assert (",".join(value) if isinstance(value, tuple) else value) == good


@pytest.mark.parametrize(
    ("name", "bad", "reason"),
    [
        ("store", "etcd://x", "expected file, or a URL such as redis://"),
        ("store", "gateway.yaml", "expected file, or a URL"),
        ("store", "redis://h:99999/0", "--store"),
        ("store", "consul://bad:x", "expected consul://"),
        ("redis_prefix", "a b", "expected letters"),
        ("consul_prefix", "/x", "expected letters"),
        ("webhook_sources", "ftp://example.com/x", "ftp://example.com/x"),
        ("webhook_gitlab_token", "whsec_!", "--webhook-gitlab-token"),
        ("webhook_notify", "example.com/secret", "expected URLs of http"),
    ],
)
def test_what_cannot_is_told_without_its_secrets(name: str, bad: str, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({}, {name: bad, "webhook_notify_secret": "s"})
    (line,) = refused.value.lines
    assert reason in line
    assert "secret" not in line.partition(":")[2]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"webhook_notify": "https://example.com/x"}, "GATEWAY_WEBHOOK_NOTIFY_SECRET: expected a secret"),
        ({"grpc_listen": ":1", "admin_listen": "off"}, "GATEWAY_GRPC_LISTEN: the gRPC service runs beside"),
        ({"store_cert": "c.pem"}, "GATEWAY_STORE_KEY: expected a PEM file"),
        ({"admin_tls_key": "k.pem"}, "GATEWAY_ADMIN_TLS_CERT: expected a PEM file"),
    ],
)
def test_what_only_two_together_get_wrong(given: dict[str, object], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Settings.from_environment({}, given)


def test_secrets_are_never_shown_and_may_stand_elsewhere() -> None:
    environment = {
        "TOKEN": "t0p",
        "GATEWAY_ADMIN_TOKEN": "env:TOKEN",
        "GATEWAY_WEBHOOK_SECRET": "plain",
        "GATEWAY_STORE": "redis://user:pass@r:1/0",
        "GATEWAY_WEBHOOK_NOTIFY": "https://chat.example.com/hook/abc",
        "GATEWAY_WEBHOOK_NOTIFY_SECRET": "s",
        "GATEWAY_WEBHOOK_SOURCES": "https://example.com/gateway.yaml?token=abc",
    }
    settings = Settings.from_environment(environment)
    assert settings.admin_token == "t0p"  # noqa: S105  # of this test alone
    shown = {row.name: row.value for row in settings.describe()}
    assert (shown["admin_token"], shown["webhook_secret"], shown["admin_read_token"]) == ("(secret)", "(secret)", "")
    assert shown["store"] == "redis://user:***@r:1/0"
    assert shown["webhook_notify"] == "https://chat.example.com…"
    assert shown["webhook_sources"] == "https://example.com/gateway.yaml…"
    assert settings.to_environment()["GATEWAY_ADMIN_TOKEN"] == "env:TOKEN"  # noqa: S105  # a reference
    with pytest.raises(SettingsError, match="GATEWAY_ADMIN_TOKEN: environment variable NOPE is not set"):
        Settings.from_environment({"GATEWAY_ADMIN_TOKEN": "env:NOPE"})


def test_variables_of_commands_are_no_mistakes() -> None:
    assert Settings.from_environment({"GATEWAY_ADMIN_URL": "http://x", "GATEWAY_ADMIN_CA": "c"}).warnings == ()
