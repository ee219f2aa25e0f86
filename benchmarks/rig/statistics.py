"""Spread and ratios of samples. Ratios are taken within a round, so that what drifts on the machine hits both sides."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.rig.model import Result, Sample


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of a few values."""

    minimum: float
    median: float
    maximum: float


def spread(values: Iterable[float]) -> Spread | None:
    """None when there is no value."""
    known = list(values)
    return Spread(min(known), statistics.median(known), max(known)) if known else None


def samples_of(result: Result, subject: str) -> list[Sample]:
    """The valid samples of a subject."""
    return [sample for sample in result.samples if sample.subject == subject and sample.valid]


def spread_of(result: Result, subject: str, key: str) -> Spread | None:
    """Of one figure of a subject."""
    return spread(sample.metrics[key] for sample in samples_of(result, subject) if key in sample.metrics)


def ratio_of(result: Result, subject: str, key: str) -> Spread | None:
    """Of a subject's figure to the reference's in the same round; rounds in which one of them failed are left out."""
    theirs = {sample.round: sample.metrics.get(key, 0.0) for sample in samples_of(result, result.reference)}
    return spread(
        sample.metrics[key] / theirs[sample.round]
        for sample in samples_of(result, subject)
        if key in sample.metrics and theirs.get(sample.round)
    )


def subjects_of(result: Result) -> list[str]:
    """Everything that was measured, in the order of the first round."""
    return list(dict.fromkeys(sample.subject for sample in result.samples))


def errors_of(result: Result, subject: str) -> int:
    """All errors of a subject."""
    return sum(sample.errors for sample in result.samples if sample.subject == subject)


def problem_of(result: Result, subject: str) -> str:
    """The first thing that went wrong with a subject, or an empty text."""
    taken = [*result.samples, *([result.backend] if result.backend else [])]
    return next((sample.problem for sample in taken if sample.subject == subject and sample.problem), "")
