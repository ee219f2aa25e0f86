"""What a run has to hold, and whether it did. Not for measuring, and not for how it is shown."""

from typing import Final

import msgspec

from tests.soak.fit import HOUR, Fit, fit
from tests.soak.sample import COUNTED, MIB, Sample, series

STRAY: Final = {"fds": 2, "established": 1, "half_closed": 1}
"""How much more than before may be left: the page that tells is asked over a connection of its own, which may or may
not be counted. Everything else must be exactly as before, or less."""
RSS_LIMIT: Final = 1.0
"""MiB an hour (G-20)."""
RESOLUTION: Final = 1.0
"""MiB that memory may grow while it is measured, however short that is. Allocators take it in steps, and keep the most
that was ever needed at once, which a longer run always needs a little more of: less than this is told from no leak."""


class Row(msgspec.Struct, frozen=True):
    """One line of the table."""

    name: str
    before: str
    after: str
    slope: str
    limit: str
    ok: bool


class Run(msgspec.Struct):
    """What happened in a run."""

    before: Sample
    after: Sample
    samples: list[Sample]
    rests: list[Sample] = []
    """Taken while no traffic was under way, everything had had its time to come back, and garbage was collected."""
    warm_up: float = 0.0
    """Seconds at the beginning that no line is fitted to."""
    unexpected: list[str] = []
    last_ok: int = 0
    last_count: int = 0
    bad_lines: list[str] = []

    def fit(self, name: str) -> Fit:
        """The line through a series after the warm-up."""
        return fit([point for point in series(self.samples, name) if point[0] >= self.warm_up])

    def fit_rests(self, name: str) -> Fit:
        """The same for what the worker held while traffic rested."""
        return fit([point for point in series(self.rests, name) if point[0] >= self.warm_up], group=1)


def judge(run: Run, rss_limit: float = RSS_LIMIT) -> list[Row]:
    """Every bound with what was seen."""
    rows = [_counted(run, name) for name in COUNTED]
    if run.warm_up:
        back = sum(1 for rest in run.rests if is_back(run.before, rest))
        rows.append(Row("rests", "", f"{back} of {len(run.rests)}", "", "all as before", back == len(run.rests) > 0))
        rows.append(_memory(run, rss_limit))
        blocks = str(run.fit_rests("blocks"))
        rows.append(Row("blocks", str(run.before.blocks), str(run.after.blocks), blocks, "none: tells causes", True))
    last = f"{run.last_ok} of {run.last_count}"
    rows += [
        Row("last requests", "", last, "", "all answered", run.last_ok == run.last_count > 0),
        Row("unexpected answers", "", str(len(run.unexpected)), "", "0", not run.unexpected),
        Row("faults in the log", "", str(len(run.bad_lines)), "", "0", not run.bad_lines),
    ]
    return rows


def is_back(before: Sample, after: Sample) -> bool:
    """Whether nothing that is counted is more than before."""
    return all(getattr(after, name) <= _most(before, name) for name in COUNTED)


def _most(before: Sample, name: str) -> int:
    return int(getattr(before, name)) + STRAY.get(name, 0)


def _counted(run: Run, name: str) -> Row:
    before, after = getattr(run.before, name), getattr(run.after, name)
    most = _most(run.before, name)
    slope = str(run.fit(name)) if run.warm_up else ""
    return Row(name, str(before), str(after), slope, f"at most {most} at the end", after <= most)


def _memory(run: Run, limit: float) -> Row:
    """A short run cannot tell slopes of this size, so it fails only when it proves that they are too steep."""
    line = run.fit_rests("rss")
    told = [rest.seconds for rest in run.rests if rest.seconds >= run.warm_up]
    hours = (told[-1] - told[0]) / HOUR if len(told) > 1 else 0.0
    most = max(limit, RESOLUTION / hours) if hours else limit
    before, after = run.before.rss / MIB, run.after.rss / MIB
    return Row(
        "rss (MiB)", f"{before:.1f}", f"{after:.1f}", str(line), f"interval not above {most:.1f}", line.low <= most
    )  # fmt: skip
