"""What the command line works with, made of the application's parts. Not for what commands look like.

`app.main` is not used: it reads the environment when it is imported, and options win over variables.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import app
from app.application.services.explain_service import Explanation, explain_request
from app.assembly import CONFIG_HINT, make_compiler, make_decoder, make_intake
from app.build import COMPILED
from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.request import Request
from app.domain.policies.routing import RouteTable
from app.domain.policies.routing_entries import entries_of
from app.domain.policies.routing_overlap import overlaps
from app.domain.policies.via import Via
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.last_known_good import FileLastKnownGood
from app.infrastructure.config.regex import compile_regex
from app.infrastructure.config.schema import json_schema
from app.infrastructure.config.settings import Settings, SettingsError
from app.infrastructure.telemetry import logging as telemetry
from app.infrastructure.telemetry.access_log_place import problem_of
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.workers.options import ServerOptions, StartError
from app.infrastructure.workers.server import Server
from app.interfaces.cli.route_rows import row_of
from app.interfaces.cli.toolbox import Banner, Loaded, Overrides, Refused, RouteRow, SettingRow
from app.interfaces.intake import Intake


class CommandLineToolbox:
    """Implements Toolbox over files and this process's environment."""

    version = f"{app.__version__} (compiled)" if COMPILED else app.__version__

    def options(self) -> list[SettingRow]:
        """See Toolbox."""
        return _rows(Settings())

    def settings(self, overrides: Overrides) -> list[SettingRow]:
        """See Toolbox."""
        return _rows(_settings(overrides))

    def load(self, path: str | None, overrides: Overrides) -> Loaded:
        """See Toolbox."""
        return _load(path, _settings(overrides))

    def routes(self, config: GatewayConfig) -> list[RouteRow]:
        """See Toolbox."""
        table = _table(config)
        ranked = sorted(table.routes.values(), key=lambda route: min(entry.rank for entry in entries_of(route)))
        return [row_of(route.id, route.route) for route in ranked]

    def intake(self, overrides: Overrides) -> Intake:
        """See Toolbox."""
        return make_intake(_settings(overrides))

    def explain(self, config: GatewayConfig, request: Request) -> Explanation:
        """See Toolbox."""
        return explain_request(config, _table(config), request)

    def schema(self) -> dict[str, Any]:
        """See Toolbox."""
        return json_schema()

    def serve(self, overrides: Overrides, on_ready: Callable[[Banner], None]) -> int:
        """See Toolbox."""
        settings = _settings(overrides)
        wrong = problem_of(settings.access_log)
        if wrong:
            raise Refused(wrong)
        loaded = _loaded_for_start(settings)
        server = Server(
            settings.server,
            _server_options(settings),
            {**os.environ, **settings.to_environment()},
            settings.drain,
        )
        events = telemetry.configure(settings.log_level, settings.log_format)
        try:
            return server.run(
                settings.listen,
                settings.workers,
                events,
                lambda url: on_ready(Banner(url, settings.server, settings.workers, loaded)),
            )
        except StartError as error:
            raise Refused(str(error)) from None
        finally:
            events.close()


class Overheard:
    """Events that become lines of a command's own output."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, message: str, **fields: object) -> None:
        """Nothing that a command would tell."""

    def warning(self, message: str, **fields: object) -> None:
        """Kept, with its fields."""
        self.lines.append(": ".join([message, *(str(value) for value in fields.values())]))

    def error(self, message: str, **fields: object) -> None:
        """Kept, with its fields."""
        self.warning(message, **fields)


def _settings(overrides: Overrides) -> Settings:
    try:
        return Settings.from_environment(os.environ, overrides)
    except SettingsError as error:
        raise Refused(*error.lines) from None


def _server_options(settings: Settings) -> ServerOptions:
    return ServerOptions(
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
        http2=settings.http2,
        backlog=settings.backlog,
        max_connections=settings.max_connections,
        head_timeout=float(settings.head_timeout),
        write_idle=float(settings.write_idle),
        max_head=int(settings.max_head),
        max_streams=settings.max_streams,
        max_message=int(settings.max_message),
        grace=float(settings.grace),
    )


def _rows(settings: Settings) -> list[SettingRow]:
    return [
        SettingRow(one.name, one.variable, one.value, one.source, " ".join(one.help.split()))
        for one in settings.describe()
    ]


def _table(config: GatewayConfig) -> RouteTable:
    return RouteTable.compile({id_: route for id_, route in config.routes.items() if route.enabled}, compile_regex)


def _load(path: str | None, settings: Settings) -> Loaded:
    """Raises ConfigError, also for what only shows when the configuration is made ready for traffic."""
    source = path or settings.config
    hint = "" if path else CONFIG_HINT
    repository = FileRepository(source, make_decoder(), Overheard(), settings.max_config, hint)
    config = asyncio.run(_compiled(repository, source, settings))
    return Loaded(config, source, digest(config), tuple(str(overlap) for overlap in overlaps(_table(config))))


async def _compiled(repository: FileRepository, source: str, settings: Settings) -> GatewayConfig:
    config = await repository.load()
    transport = HttpTransport(Resolver())
    try:
        make_compiler(transport, Via(settings.via)).compile(config, 1, "")
    except ValueError as error:
        raise ConfigError([ConfigProblem(source, "", "", str(error))]) from None
    finally:
        await transport.aclose()
    return config


def _loaded_for_start(settings: Settings) -> Loaded:
    """The configuration that workers will find: the file's, or the last that worked when the file is broken."""
    try:
        return _load(None, settings)
    except ConfigError as error:
        heard = Overheard()
        kept = None
        if Path(settings.config).exists():
            kept = FileLastKnownGood(settings.state_dir, settings.config, make_decoder(), heard).load()
        if kept is None and heard.lines:
            raise Refused(*map(str, error.problems), *heard.lines) from None
        if kept is None:
            raise
        warnings = [*(str(problem) for problem in error.problems), "serving the last configuration that worked"]
        return Loaded(kept, settings.config, digest(kept), tuple(warnings))
