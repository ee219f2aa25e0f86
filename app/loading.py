"""Reads the configuration once, for commands and before a start. Not for following it: `live`."""

import asyncio
from pathlib import Path

from app.assembly import CONFIG_HINT, make_balancing, make_compiler, make_decoder, make_rules, make_table
from app.domain.entities.config import ConfigError, ConfigProblem, GatewayConfig
from app.domain.policies.routing_overlap import overlaps
from app.domain.policies.via import Via
from app.domain.ports import RouteRepository
from app.infrastructure.config.control_settings import FILE
from app.infrastructure.config.encoder import digest
from app.infrastructure.config.file_repository import FileRepository
from app.infrastructure.config.settings import Settings
from app.infrastructure.transport.http_transport import HttpTransport
from app.infrastructure.transport.resolver import Resolver
from app.interfaces.cli.toolbox import Loaded, Refused
from app.protection import make_protection
from app.stores import Stores


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


def load(path: str | None, settings: Settings) -> Loaded:
    """The configuration at `path`, else in the store of the settings.

    Raises ConfigError, also for what only shows when the configuration is made ready for traffic.
    """
    stores, overheard = Stores(settings), Overheard()
    if path is None and settings.store != FILE:
        return asyncio.run(_loaded(stores.repository(overheard), stores.name, settings))
    source = path or settings.config
    hint = "" if path else CONFIG_HINT
    repository = FileRepository(source, make_decoder(settings), overheard, settings.max_config, hint)
    return asyncio.run(_loaded(repository, source, settings))


def loaded_for_start(settings: Settings) -> Loaded:
    """The configuration that workers will find in a file, or the last that worked when the file is broken.

    Another store is left to the workers: large ones take seconds to read, and one that is not there is no reason not
    to start (F-01). Raises ConfigError and Refused for a file that is broken while nothing is kept.
    """
    if settings.store != FILE:
        return Loaded(GatewayConfig(), Stores(settings).name, "")
    try:
        return load(None, settings)
    except ConfigError as error:
        return _kept(settings, error)


def _kept(settings: Settings, error: ConfigError) -> Loaded:
    heard = Overheard()
    problems = [str(problem) for problem in error.problems]
    kept = None
    if Path(settings.config).exists():
        kept = Stores(settings).last_known_good(heard).load()
    if kept is not None:
        warnings = (*problems, "serving the last configuration that worked")
        return Loaded(kept, settings.config, digest(kept), warnings)
    if heard.lines:
        raise Refused(*problems, *heard.lines) from None
    raise error


async def _loaded(repository: RouteRepository, source: str, settings: Settings) -> Loaded:
    transport = HttpTransport(Resolver(), make_rules(settings).problem)
    try:
        config = await repository.load()
        tools = make_protection(settings, Overheard()).tools
        await make_compiler(make_balancing(transport), tools, Via(settings.via)).compile(config)
    except ValueError as error:
        raise ConfigError([ConfigProblem(source, "", "", str(error))]) from None
    finally:
        await repository.aclose()
        await transport.aclose()
    odd = [str(problem) for problem in repository.status().refused]
    odd += [str(overlap) for overlap in overlaps(make_table(config))]
    return Loaded(config, source, digest(config), tuple(odd))
