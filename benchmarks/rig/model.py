"""What a run leaves behind: the values of `results.json`. Nothing is computed here."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

BACKEND = "backend alone"
"""Subject of the one sample without a proxy."""


class Metric(Struct, frozen=True):
    """A figure that a workload gives for each sample."""

    key: str
    label: str
    unit: str
    better: Literal["higher", "lower"]
    compared: bool = False
    """Whether the table has a column of ratios for it."""
    digits: int = 0


class Sample(Struct, frozen=True):
    """One subject measured once."""

    subject: str
    round: int
    """From 1; 0 for the backend alone."""
    metrics: dict[str, float]
    count: int = 0
    """Requests, messages, connections or bytes: what was done."""
    errors: int = 0
    others: float = 0.0
    """Part of the time in which other processes ran on the subject's core."""
    problem: str = ""
    """Why there is no figure, or what was wrong with it. A sample with errors or a problem counts nowhere."""

    @property
    def valid(self) -> bool:
        """Whether its figures may be used."""
        return not self.errors and not self.problem


class Result(Struct):
    """One workload."""

    name: str
    title: str
    metrics: list[Metric]
    """The first one is that of the chart."""
    reference: str = ""
    """What the others are compared with; empty when no peer was measured."""
    samples: list[Sample] = []
    backend: Sample | None = None
    missing: dict[str, str] = {}
    """Subjects that were left out, with the reason."""
    problem: str = ""
    """Why the workload did not run."""


class Amount(Struct, frozen=True):
    """How much of a load: each workload takes what it knows of."""

    seconds: float
    body: int
    """Bytes of a large body."""
    connections: int
    """Idle ones."""


class Settings(Struct, frozen=True):
    """How long and how often."""

    rounds: int
    measured: Amount
    """For each sample."""
    warmup: Amount
    """Before it; none when it has no seconds."""


class Report(Struct):
    """A whole run."""

    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    settings: Settings
    notes: list[str] = []
    results: list[Result] = []


def save(report: Report, file: Path) -> None:
    """Write it as JSON."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


def load(file: Path) -> Report:
    """Read what `save` wrote. Raises msgspec.ValidationError, and OSError."""
    return msgspec.json.decode(file.read_bytes(), type=Report)
