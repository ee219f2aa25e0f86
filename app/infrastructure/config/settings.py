"""Settings of the process: defaults, the environment (`GATEWAY_*`), and options of the command line over both.

Not for what may change while the process runs: that is the configuration.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

import msgspec
from msgspec import Meta

from app.domain.entities.units import Duration, Size
from app.domain.policies.addresses import LOOPBACK_AND_PRIVATE
from app.infrastructure.config import control_checks
from app.infrastructure.config.control_settings import OFF, SECRETS, ControlSettings
from app.infrastructure.config.environment import state_dir, unknown_variables, variable
from app.infrastructure.config.field_docs import field_docs
from app.infrastructure.config.protection_settings import ProtectionSettings
from app.infrastructure.config.secrets import SecretReader
from app.infrastructure.config.setting_values import CHECKS, Description, read, shown_value, write
from app.infrastructure.config.wording import suggestion

DEFAULT: Final = "default"
ENVIRONMENT: Final = "environment"
OPTION: Final = "option"


class SettingsError(Exception):
    """Settings that cannot be used: one line for each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings(ControlSettings, frozen=True, kw_only=True):
    """Everything about the process that does not change while it runs."""

    config: str = "gateway.yaml"
    """File of the configuration: YAML, JSON or TOML by its suffix. It is watched; a saved change is live at once."""
    max_config: Size = Size(10 * 1024 * 1024)
    """Largest configuration file."""
    listen: str = "127.0.0.1:8000"
    """Address to listen on: host:port, [v6]:port, or :port for every address; port 0 picks a free one."""
    server: Literal["builtin", "granian", "hypercorn"] = "builtin"
    """Server that speaks with clients: builtin (the gateway's own), granian or hypercorn."""
    workers: Annotated[int, Meta(ge=1, le=256)] = 1
    """Worker processes; one for each core is a good start."""
    tls_cert: str = ""
    """PEM file of the certificate chain; with tls_key, clients are served over TLS."""
    tls_key: str = ""
    """PEM file of the certificate's key, without a passphrase."""
    http2: bool = True
    """Whether clients may speak HTTP/2."""
    backlog: Annotated[int, Meta(ge=1, le=65535)] = 2048
    """Connections of each worker that may wait to be accepted."""
    max_connections: Annotated[int, Meta(ge=1)] = 16384
    """Open client connections of each worker."""
    max_streams: Annotated[int, Meta(ge=1, le=65535)] = 100
    """Requests that one HTTP/2 connection may have under way."""
    head_timeout: Duration = Duration(10)
    """How long a client may take to send the head of a request; idle connections are closed after the same time."""
    body_idle: Duration = Duration(10)
    """How long a client may send nothing of a request body that it has begun."""
    body_rate: Size = Size(1024)
    """Bytes a second at which a request body must come on average, after 5s of waiting for it; 0B asks for none."""
    write_idle: Duration = Duration(10)
    """How long a client may take nothing of the response that is sent to it."""
    drain: Duration = Duration(0)
    """How long, after SIGTERM, /-/ready says no before new connections are refused; 5s where a load balancer asks."""
    grace: Duration = Duration(25)
    """How long requests under way may take to end when the gateway stops; then they are cut."""
    max_head: Size = Size(16 * 1024)
    """Largest head of a request, all fields together."""
    max_headers: Annotated[int, Meta(ge=1, le=10000)] = 100
    """Most fields of a request."""
    max_target: Size = Size(8 * 1024)
    """Longest target of a request: path and query."""
    max_message: Size = Size(1024 * 1024)
    """Largest WebSocket message that the server takes from a client; a route's own limit may be lower."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks, comma separated, whose X-Forwarded-* fields are believed."""
    via: str = "gateway"
    """Name of this gateway in Via; gateways that forward to one another need different names."""
    log_format: Literal["json", "text"] = "text"
    """Form of log lines."""
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    """Least important events that are logged."""
    access_log: str = "-"
    """Where requests are logged: - for standard output, a file, or off."""
    redact: tuple[str, ...] = ()
    """Query parameters, comma separated, whose values are kept out of logs, beside token, password, code…"""
    state_dir: str = ""
    """Directory for the last configuration that worked; off keeps none."""
    status_allow: tuple[str, ...] = LOOPBACK_AND_PRIVATE
    """Addresses and networks, comma separated, that may ask /-/live and /-/ready; none lets nobody."""
    dns_min_ttl: Duration = Duration(1)
    """How long an answer of the DNS is used at least."""
    dns_max_ttl: Duration = Duration(60)
    """How long an answer of the DNS is used before it is asked for again."""
    dns_stale: Duration = Duration(3600)
    """How long the last good answer is used while the DNS fails."""
    sources: dict[str, str] = {}  # noqa: RUF012  # msgspec gives each value its own copy
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], overrides: Mapping[str, object] | None = None) -> Self:
        """Settings from `environment`, with `overrides` (by name; None leaves a setting alone) over it.

        Raises SettingsError with a line for everything that is wrong.
        """
        values: dict[str, Any] = {"state_dir": state_dir(environment)}
        sources: dict[str, str] = {}
        wrong: list[str] = []
        options = {name: value for name, value in (overrides or {}).items() if value is not None}
        fields, secret = _fields(), SecretReader(environment)
        for name, annotation in fields.items():
            given = _given(name, environment, options)
            if given is None:
                continue
            text, source = given
            sources[name] = source
            if not text:
                continue
            try:
                plain = secret(text) if name in SECRETS else text
                values[name] = _checked(name, read(annotation, plain))
            except ValueError as error:
                place = _option(name) if source == OPTION else variable(name)
                wrong.append(f"{place}: {error}")
        wrong += [
            f"{_option(name)}: no such setting; {suggestion(name, fields)}" for name in options if name not in fields
        ]
        settings = cls(**values, sources=sources, warnings=tuple(unknown_variables(environment, fields)))
        wrong += _together(settings)
        if wrong:
            raise SettingsError(wrong)
        return settings

    def describe(self) -> list[Description]:
        """Every setting with its value and where that came from."""
        docs = field_docs(Settings)
        return [
            Description(
                name,
                shown_value(name, getattr(self, name)),
                self.sources.get(name, DEFAULT),
                docs[name],
                variable(name),
            )
            for name in _fields()
        ]

    def to_environment(self) -> dict[str, str]:
        """Variables that give another process the same settings: those that are not at their defaults by default."""
        return {variable(name): write(getattr(self, name)) for name in self.sources}


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _fields() -> dict[str, Any]:
    """Setting to its type: those of traffic first."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    own, protection = (set(kind.__struct_fields__) for kind in (ControlSettings, ProtectionSettings))
    kinds = {name: kind for name, kind in kinds.items() if name not in ("sources", "warnings")}
    return dict(sorted(kinds.items(), key=lambda item: (item[0] in own, item[0] not in protection)))


def _given(name: str, environment: Mapping[str, str], options: Mapping[str, object]) -> tuple[str, str] | None:
    """What was given for a setting as text, and by whom; empty text asks for the default."""
    if name in options:
        value = options[name]
        return (value if isinstance(value, str) else write(value)), OPTION
    text = environment.get(variable(name), "").strip()
    return (text, ENVIRONMENT) if text else None


def _checked(name: str, value: object) -> object:
    check = CHECKS.get(name) or control_checks.CHECKS.get(name)
    if check is not None:
        check(value)
    return value


def _together(settings: Settings) -> list[str]:
    """What only two settings together can get wrong."""
    wrong = []
    for cert, key in (("tls_cert", "tls_key"), ("admin_tls_cert", "admin_tls_key"), ("store_cert", "store_key")):
        if bool(getattr(settings, cert)) != bool(getattr(settings, key)):
            given, missing = (cert, key) if getattr(settings, cert) else (key, cert)
            wrong.append(f"{variable(missing)}: expected a PEM file, because {variable(given)} is set")
    if settings.webhook_notify and not settings.webhook_notify_secret:
        wrong.append(f"{variable('webhook_notify_secret')}: expected a secret to sign with: webhook_notify is set")
    if settings.grpc_listen != OFF and settings.admin_listen == OFF:
        wrong.append(f"{variable('grpc_listen')}: the gRPC service runs beside the admin API, which is off")
    if settings.dns_min_ttl > settings.dns_max_ttl:
        wrong.append(f"{variable('dns_min_ttl')}: expected at most dns_max_ttl, got {settings.dns_min_ttl}")
    return wrong
