"""What the command line works with, made of the application's parts. Not for what commands look like.

`app.main` is not used: it reads the environment when it is imported, and options win over variables.
"""

import os
import time
from collections.abc import Callable
from typing import Any

import msgspec

import app
from app.application.filters import registry
from app.application.services.explain_service import Explanation, explain_request
from app.assembly import make_intake, make_table
from app.build import COMPILED
from app.domain.admin_ports import AdminApi, Where
from app.domain.entities.config import GatewayConfig
from app.domain.entities.request import Request
from app.domain.policies.routing_entries import entries_of
from app.infrastructure.config.control_settings import OFF
from app.infrastructure.config.document_files import read_documents, read_value, to_yaml
from app.infrastructure.config.schema import json_schema
from app.infrastructure.config.settings import DEFAULT, Settings, SettingsError
from app.infrastructure.control.admin_access import open_admin
from app.infrastructure.control.admin_tokens import is_loopback, read_kept_token, tokens_for
from app.infrastructure.security.passwords import hash_password
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.telemetry.access_log_place import problem_of
from app.infrastructure.workers.options import StartError
from app.interfaces.cli.route_rows import row_of
from app.interfaces.cli.toolbox import Banner, Loaded, Overrides, Refused, RouteRow, SettingRow
from app.interfaces.intake import Intake
from app.loading import load, loaded_for_start
from app.serving import serve


class CommandLineToolbox:
    """Implements Toolbox over files and this process's environment."""

    version = f"{app.__version__} (compiled)" if COMPILED else app.__version__
    read_value = staticmethod(read_value)
    read_documents = staticmethod(read_documents)
    to_yaml = staticmethod(to_yaml)
    hash_password = staticmethod(hash_password)
    now = staticmethod(time.time)  # noqa: TID251  # commands have no other clock

    def options(self) -> list[SettingRow]:
        """See Toolbox."""
        return _rows(Settings())

    def settings(self, overrides: Overrides) -> list[SettingRow]:
        """See Toolbox."""
        return _rows(_settings(overrides))

    def load(self, path: str | None, overrides: Overrides) -> Loaded:
        """See Toolbox."""
        return load(path, _settings(overrides))

    def routes(self, config: GatewayConfig) -> list[RouteRow]:
        """See Toolbox."""
        table = make_table(config)
        ranked = sorted(table.routes.values(), key=lambda route: min(entry.rank for entry in entries_of(route)))
        return [row_of(route.id, route.route) for route in ranked]

    def intake(self, overrides: Overrides) -> Intake:
        """See Toolbox."""
        return make_intake(_settings(overrides))

    def explain(self, config: GatewayConfig, request: Request) -> Explanation:
        """See Toolbox."""
        return explain_request(config, make_table(config), request, registry.FACTS)

    def schema(self) -> dict[str, Any]:
        """See Toolbox."""
        return json_schema()

    def admin(self, where: Where) -> AdminApi:
        """See Toolbox."""
        return open_admin(where, os.environ, lambda: read_kept_token(_settings({}).state_dir))

    def serve(self, overrides: Overrides, on_ready: Callable[[Banner], None]) -> int:
        """See Toolbox."""
        settings = _settings(overrides)
        wrong = problem_of(settings.access_log)
        if wrong:
            raise Refused(wrong)
        loaded = loaded_for_start(settings)
        settings, made = _with_token(settings)
        events = telemetry.configure(settings.log_level, settings.log_format)

        def ready(urls: list[str]) -> None:
            admin = urls[1] if len(urls) > 1 else ""
            on_ready(Banner(urls[0], settings.server, settings.workers, loaded, admin, made))

        try:
            return serve(settings, events, ready)
        except StartError as error:
            raise Refused(str(error)) from None
        finally:
            events.close()


def _settings(overrides: Overrides) -> Settings:
    try:
        return Settings.from_environment(os.environ, overrides)
    except SettingsError as error:
        raise Refused(*error.lines) from None


def _rows(settings: Settings) -> list[SettingRow]:
    return [
        SettingRow(one.name, one.variable, one.value, one.source, " ".join(one.help.split()))
        for one in settings.describe()
    ]


def _with_token(settings: Settings) -> tuple[Settings, str]:
    """The settings with a token for the admin API, and that token if it was made just now."""
    if settings.admin_listen == OFF:
        return settings, ""
    listeners = [one for one in (settings.admin_listen, settings.grpc_listen) if one != OFF]
    try:
        # The one that more can reach decides whether a token of our own will do.
        exposed = next((one for one in listeners if not is_loopback(one)), settings.admin_listen)
        tokens = tokens_for(settings.admin_token, settings.admin_read_token, exposed, settings.state_dir)
    except ValueError as error:
        raise Refused(str(error)) from None
    sources = settings.sources if settings.admin_token else {**settings.sources, "admin_token": DEFAULT}
    settings = msgspec.structs.replace(settings, admin_token=tokens.write, sources=sources)
    return settings, tokens.write if tokens.generated else ""
