"""What the commands need of the rest of the gateway. Not for how any of it is done."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from app.application.services.explain_service import Explanation
from app.domain.admin_ports import AdminApi, Where
from app.domain.entities.config import GatewayConfig
from app.domain.entities.control import Documents
from app.domain.entities.request import Request
from app.interfaces.intake import Intake

Overrides = Mapping[str, str]
"""Setting name to text, as given on the command line; they win over the environment."""


class Refused(Exception):
    """What was asked for cannot be done: lines that say what and where. Exit code 2."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class SettingRow(msgspec.Struct, frozen=True):
    """One process setting."""

    name: str
    """As an override: `head_timeout`. The option is `--head-timeout`."""
    variable: str
    value: str
    """As text; secrets are masked."""
    source: str
    """`default`, `environment` or `option`."""
    help: str = ""

    @property
    def option(self) -> str:
        """The option of `gateway serve` that sets it."""
        return "--" + self.name.replace("_", "-")


class Loaded(msgspec.Struct, frozen=True):
    """A configuration that can be used."""

    config: GatewayConfig
    source: str
    digest: str
    """Empty when it was not read: its store is the workers' matter."""
    warnings: tuple[str, ...] = ()
    """What is odd about it: routes that shadow one another, or that a kept copy is in use."""


class RouteRow(msgspec.Struct, frozen=True):
    """One enabled route, as a table shows it."""

    id: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    conditions: tuple[str, ...]
    goes_to: str
    priority: int


class Banner(msgspec.Struct, frozen=True):
    """What a server that has just started has to say."""

    url: str
    server: str
    workers: int
    loaded: Loaded
    admin: str = ""
    """URL of the admin API; empty when it is off."""
    token: str = ""
    """Its token, if it was made just now: nobody is told again."""


class Toolbox(Protocol):
    """Every method raises Refused for bad input, and ConfigError for a configuration that cannot be used."""

    version: str

    def options(self) -> list[SettingRow]:
        """Every setting with its default; reads no environment."""
        ...

    def settings(self, overrides: Overrides) -> list[SettingRow]:
        """Every setting with its value in force."""
        ...

    def load(self, path: str | None, overrides: Overrides) -> Loaded:
        """The configuration at `path`, else where the settings say."""
        ...

    def routes(self, config: GatewayConfig) -> list[RouteRow]:
        """The enabled routes in the order in which they are tried."""
        ...

    def intake(self, overrides: Overrides) -> Intake:
        """What makes requests of what clients send, with the limits of the settings."""
        ...

    def explain(self, config: GatewayConfig, request: Request) -> Explanation:
        """What would happen to `request`."""
        ...

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a configuration file."""
        ...

    def serve(self, overrides: Overrides, on_ready: Callable[[Banner], None]) -> int:
        """Serve until a signal comes; the exit code."""
        ...

    def admin(self, where: Where) -> AdminApi:
        """The admin API of a running gateway. Raises AdminUnreachable for what cannot be asked."""
        ...

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def hash_password(self, password: str) -> str:
        """What a configuration has of a password."""
        ...

    def read_value(self, data: bytes, suffix: str, source: str) -> Any:
        """The plain value of a document, by the suffix of its name."""
        ...

    def read_documents(self, data: bytes, suffix: str, source: str) -> Documents:
        """A whole configuration as its author wrote it."""
        ...

    def to_yaml(self, value: object) -> str:
        """A plain value as YAML."""
        ...
