"""A straight line through a time series, with how sure one can be of its slope. Not for what slope is right."""

from itertools import pairwise
from math import inf, sqrt
from statistics import NormalDist, fmean
from typing import Final, NamedTuple

Points = list[tuple[float, float]]
"""Seconds, and what was measured then."""

CONFIDENCE: Final = 0.95
HOUR: Final = 3600.0
GROUP: Final = 10
"""Samples that are averaged to one point: neighbours tell nearly the same, and are no evidence of their own."""
LEAST: Final = 4
"""Points below which no slope is told."""


class Fit(NamedTuple):
    """A slope an hour, and half the width of its interval of confidence."""

    slope: float
    margin: float

    @property
    def low(self) -> float:
        """The least slope that the points allow for."""
        return self.slope - self.margin

    @property
    def high(self) -> float:
        """The steepest one."""
        return self.slope + self.margin

    def __str__(self) -> str:
        return "too short" if self.margin == inf else f"{self.slope:+.1f} ± {self.margin:.1f}"


def fit(points: Points, group: int = GROUP) -> Fit:
    """Least squares over means of `group` samples.

    What is left over beside the line is correlated in time (garbage waits to be collected, caches fill), which would
    make the interval too narrow: it is widened as for the smaller number of points that are independent of each other,
    n (1 - r) / (1 + r) with the correlation r of neighbours (a first-order autoregressive process).
    """
    grouped = means(points, group)
    count = len(grouped)
    if count < LEAST:
        return Fit(0.0, inf)
    hours = [seconds / HOUR for seconds, _ in grouped]
    values = [value for _, value in grouped]
    middle, mean = fmean(hours), fmean(values)
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = sum((hour - middle) * (value - mean) for hour, value in zip(hours, values, strict=True)) / spread
    residuals = [value - mean - slope * (hour - middle) for hour, value in zip(hours, values, strict=True)]
    free = count - 2
    error = sqrt(sum(residual**2 for residual in residuals) / free / spread)
    r = min(max(correlation(residuals), 0.0), 0.9)
    return Fit(slope, quantile_of_t(free) * error * sqrt((1 + r) / (1 - r)))


def means(points: Points, group: int) -> Points:
    """Each `group` points in a row as their mean; a rest that is no whole group is left out."""
    whole = len(points) - len(points) % group
    groups = [points[at : at + group] for at in range(0, whole, group)]
    return [(fmean(x for x, _ in part), fmean(y for _, y in part)) for part in groups]


def correlation(residuals: list[float]) -> float:
    """Of neighbours; 0 where nothing varies."""
    total = sum(residual**2 for residual in residuals)
    return sum(one * two for one, two in pairwise(residuals)) / total if total else 0.0


def quantile_of_t(free: int) -> float:
    """Two-sided quantile of Student's t for `free` degrees of freedom, within 2 % from 2 of them on.

    From the normal quantile by its expansion in 1/free (Abramowitz and Stegun 26.7.5).
    """
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    more: float = sum(term / free**power for power, term in enumerate(terms, 1))
    return z + more
