"""What a rate that users write means as a limit: algorithm, burst, name. Not for how it is counted."""

from typing import Final

from app.domain.entities.limit import Algorithm, Limit
from app.domain.entities.units import Rate
from app.domain.policies import quota, sliding_window

_CALENDAR: Final = ("day", "month")


def algorithm_of(rate: Rate, chosen: Algorithm | None) -> Algorithm:
    """The chosen one; else quotas for days and months, as calendars have them, and GCRA for what is shorter."""
    return chosen or ("quota" if rate.period in _CALENDAR else "gcra")


def limit_of(name: str, rate: Rate, burst: int = 0, chosen: Algorithm | None = None) -> Limit:
    """The limit. A burst of 0 is the count of the rate: who stays below that, in whatever rhythm, is not refused."""
    algorithm = algorithm_of(rate, chosen)
    if algorithm == "gcra":
        return Limit(name, rate.count, rate.seconds, burst or rate.count)
    period = rate.period if algorithm == "quota" else ""
    return Limit(name, rate.count, rate.seconds, 0, algorithm, period)


def problem_of(rate: Rate, burst: int, cost: int, chosen: Algorithm | None) -> str:
    """Why a rate cannot be used so; empty when it can."""
    algorithm = algorithm_of(rate, chosen)
    if not rate.count:
        return "expected a rate, got none: leave the filter out"
    if algorithm == "quota" and rate.period not in _CALENDAR:
        return f"{rate}: quotas are of a day or a month"
    if algorithm == "sliding_window" and rate.count > sliding_window.MOST:
        return f"{rate}: a sliding window counts at most {sliding_window.MOST}"
    if burst and chosen not in (None, "gcra"):
        return f"{rate}: {algorithm} knows no burst"
    if cost > (burst if algorithm == "gcra" and burst else rate.count):
        return f"{rate}: a request that costs {cost} would never be allowed"
    return ""


def wider(limit: Limit, prefix: int, factor: int) -> Limit:
    """The limit of a larger network: `factor` times as much."""
    count = limit.count * factor
    if limit.algorithm == "sliding_window":
        count = min(count, sliding_window.MOST)
    if limit.algorithm == "quota":
        count = min(count, quota.MOST - 1)
    name = f"{limit.name}/{prefix}"
    return Limit(name, count, limit.window, limit.burst * factor, limit.algorithm, limit.period)
