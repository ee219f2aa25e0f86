"""A toolbox for tests of the commands: it hands out what it was given, and remembers what it was asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.application.services.explain_service import Explanation
from app.domain.admin_ports import AdminApi, Where
from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.control import Documents
from app.domain.entities.request import Request
from app.domain.entities.route import Match, Respond, Route
from app.domain.policies.addresses import TrustedProxies
from app.interfaces.cli.toolbox import Banner, Loaded, Overrides, RouteRow, SettingRow
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits
from tests.unit.interfaces.cli.fake_admin import FakeAdmin

CONFIG = GatewayConfig(routes={"hello": Route(match=Match(paths=("/hello",)), respond=Respond())})
NOW = 1_700_000_000.0
LISTEN = SettingRow("listen", "GATEWAY_LISTEN", "127.0.0.1:8000", "default", "Where to listen.")
TIMEOUT = SettingRow("head_timeout", "GATEWAY_HEAD_TIMEOUT", "10s", "environment", "Time for a head.")
PROBLEMS = [
    ConfigProblem("gateway.yaml", "routes.a", "match.paths[0]", "expected a path", 7),
    ConfigProblem("gateway.yaml", "", "", "no such service"),
]


class FakeToolbox:
    """Set `failure` to make everything raise it."""

    version = "1.2.3"

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.config = CONFIG
        self.warnings: tuple[str, ...] = ()
        self.rows: list[RouteRow] = []
        self.story = Explanation("GET", "a.example", "/x")
        self.code = 0
        self.remote = FakeAdmin()
        self.asked: list[object] = []

    def _note(self, *what: object) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure

    def broken(self) -> None:
        """Make every configuration a broken one."""
        self.failure = ConfigError(PROBLEMS)

    def options(self) -> list[SettingRow]:
        return [LISTEN, TIMEOUT]

    def settings(self, overrides: Overrides) -> list[SettingRow]:
        self._note("settings", overrides)
        return [LISTEN, TIMEOUT]

    def load(self, path: str | None, overrides: Overrides) -> Loaded:
        self._note("load", path)
        return Loaded(self.config, str(Path(path or "gateway.yaml")), "0123abcd", self.warnings)

    def routes(self, config: GatewayConfig) -> list[RouteRow]:
        assert config is CONFIG
        return self.rows

    def intake(self, overrides: Overrides) -> Intake:
        return Intake(IntakeLimits(), TrustedProxies([]))

    def explain(self, config: GatewayConfig, request: Request) -> Explanation:
        self._note("explain", request.method, request.host, request.path)
        return self.story

    def schema(self) -> dict[str, Any]:
        self._note("schema")
        return {"title": "Gateway"}

    def serve(self, overrides: Overrides, on_ready: Callable[[Banner], None]) -> int:
        self._note("serve", overrides)
        on_ready(Banner("http://127.0.0.1:1", "granian", 2, Loaded(CONFIG, "gateway.yaml", "0123abcd", self.warnings)))
        return self.code

    def admin(self, where: Where) -> AdminApi:
        self._note("admin", where)
        return self.remote

    def now(self) -> float:
        return NOW

    def hash_password(self, password: str) -> str:
        return f"hash of {password}"

    def read_value(self, data: bytes, suffix: str, source: str) -> Any:
        self._note("read_value", suffix, source)
        return json.loads(data)

    def read_documents(self, data: bytes, suffix: str, source: str) -> Documents:
        self._note("read_documents", suffix, source)
        documents: Documents = json.loads(data)
        return documents

    def to_yaml(self, value: object) -> str:
        return f"yaml: {json.dumps(value)}\n"
