"""A whole configuration as one value. Not for where it came from."""

import msgspec

from app.domain.entities.route import Route
from app.domain.entities.service import Service


class GatewayConfig(msgspec.Struct, frozen=True):
    """Every entity by its id; only enabled ones take part in routing."""

    services: dict[str, Service] = {}
    routes: dict[str, Route] = {}


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
