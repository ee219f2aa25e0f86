"""A whole configuration as one value, what may change in it, what can be wrong with it. Not for where it came from."""

from collections.abc import Mapping
from typing import Final

import msgspec

from app.domain.entities.chain import Chain
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Route
from app.domain.entities.service import Service

SECTIONS: Final = ("services", "issuers", "consumers", "chains", "routes")
"""The kinds of entities, in an order in which none refers to a later one."""


AnyEntity = Service | Issuer | Consumer | Chain | Route


class GatewayConfig(msgspec.Struct, frozen=True):
    """Every entity by its id; only enabled ones take part in routing."""

    services: Mapping[str, Service] = {}
    routes: Mapping[str, Route] = {}
    issuers: Mapping[str, Issuer] = {}
    consumers: Mapping[str, Consumer] = {}
    chains: Mapping[str, Chain] = {}


class ConfigChange(msgspec.Struct, frozen=True):
    """Entities that are new or different, by their ids; None stands for one that is gone."""

    services: dict[str, Service | None] = {}
    routes: dict[str, Route | None] = {}
    issuers: dict[str, Issuer | None] = {}
    consumers: dict[str, Consumer | None] = {}
    chains: dict[str, Chain | None] = {}

    def __len__(self) -> int:
        return sum(len(getattr(self, section)) for section in SECTIONS)


class ConfigProblem(msgspec.Struct, frozen=True):
    """Why one entity, or a whole source, was refused."""

    source: str
    """File (or key) that holds the mistake."""
    entity: str
    """`routes.users-api`, or empty when the whole source cannot be read."""
    field: str
    """Path of the field inside the entity, `match.paths[0]`, or empty."""
    reason: str
    line: int = 0
    """Line of the mistake in the source, from 1; 0 when it is not known."""

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}" if self.line else self.source
        what = ".".join(part for part in (self.entity, self.field) if part)
        return f"{where}: {what}: {self.reason}" if what else f"{where}: {self.reason}"


class ConfigError(Exception):
    """A configuration that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
