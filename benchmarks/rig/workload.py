"""What a workload is: which load is put on a subject, and which figures come of it. Runs nothing itself."""

import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from benchmarks.rig.model import Amount, Metric
from benchmarks.rig.reading import Reading
from benchmarks.rig.subject import Ability
from benchmarks.rig.usage import Usage


@dataclass(frozen=True)
class Aim:
    """Whom a load is for."""

    port: int
    secure: bool
    """HTTP/2 over TLS; else HTTP/1.1 in clear text."""
    pid: int = 0
    """The process there."""

    def url(self, path: str = "/") -> str:
        """The URL of a path there."""
        return f"http{'s' if self.secure else ''}://127.0.0.1:{self.port}{path}"


class Workload(ABC):
    """One kind of load. For each sample `command` is run to warm up, and then to be measured."""

    name: str
    title: str
    ability: Ability
    backend: Literal["small", "streams"] = "small"
    """Which backend the subjects are to reach: small answers, or bodies and WebSockets."""
    metrics: tuple[Metric, ...]
    """The first one is that of the chart; each is a key of what `figures` returns."""
    tools: tuple[tuple[str, str], ...] = ()
    """Programs that it needs, with the package that has them."""
    warms_up = True
    """Whether `command` is run before it is measured."""
    limit = 120.0
    """Seconds beyond the measured ones after which a load is given up."""

    def missing(self) -> str:
        """Why it cannot run here; an empty text when it can."""
        absent = [f"{program} (package {package})" for program, package in self.tools if not shutil.which(program)]
        return f"{', '.join(absent)} is not installed" if absent else ""

    @abstractmethod
    def command(self, aim: Aim, amount: Amount) -> tuple[str, ...]:
        """The load generator."""

    @abstractmethod
    def read(self, text: str) -> Reading:
        """What the load generator printed. Raises UnreadableOutput."""

    @abstractmethod
    def figures(self, reading: Reading, usage: Usage | None) -> dict[str, float]:
        """Value by key of a metric; those of the subject's usage are left out where there is no subject."""
