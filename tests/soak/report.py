"""A finished run as a table on the terminal, a chart and JSON in `build/soak`. Not for what is right."""

from collections import Counter
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from tests.soak.chart import Panel, chart
from tests.soak.fit import HOUR, Fit
from tests.soak.sample import COUNTED, Sample, series
from tests.soak.verdict import Row, Run

FOLDER: Final = Path("build/soak")
_UNITS: Final = {"rss": "MiB", "blocks": "allocated"}


class Report(msgspec.Struct):
    """Everything about a run that is kept."""

    title: str
    server: str
    versions: dict[str, str]
    seconds: float
    rows: list[Row]
    visits: dict[str, int]
    statuses: dict[str, int]
    """Access records by status."""
    unexpected: list[str]
    bad_lines: list[str]
    samples: list[Sample]
    rests: list[Sample]

    @property
    def ok(self) -> bool:
        """Whether every bound holds."""
        return all(row.ok for row in self.rows)


def versions(server: str) -> dict[str, str]:
    """Of what the figures depend on. The gateway's own server has the version of the gateway."""
    packages = ("api-gateway" if server == "builtin" else server, "uvloop", "httptools")
    return {"python": python_version(), **{name: version(name) for name in packages}}


def report(title: str, server: str, run: Run, rows: list[Row], counts: tuple[Counter[str], Counter[int]]) -> Report:
    """Put it together; `counts` are visits by kind and access records by status."""
    visits, statuses = counts
    return Report(
        title=title,
        server=server,
        versions=versions(server),
        seconds=run.samples[-1].seconds if run.samples else 0.0,
        rows=rows,
        visits=dict(visits.most_common()),
        statuses={str(status): count for status, count in sorted(statuses.items())},
        unexpected=run.unexpected[:100],
        bad_lines=run.bad_lines,
        samples=run.samples,
        rests=run.rests,
    )


def drawing(title: str, run: Run) -> str:
    """The chart of a run."""
    panels = []
    for name in ("rss", "blocks", "collections", *COUNTED):
        points = series(run.samples, name)
        told, fitted = points, run.fit(name)
        if name in _UNITS:
            told, fitted = series(run.rests, name), run.fit_rests(name)
        line = _line(told, run.warm_up, fitted) if run.warm_up and fitted.margin != float("inf") else []
        panels.append(Panel(name, points, line, _UNITS.get(name, "")))
    return chart(title, panels, run.warm_up)


def _line(points: list[tuple[float, float]], since: float, fitted: Fit) -> list[tuple[float, float]]:
    """Where a fitted line begins and ends: it goes through the middle of its points."""
    told = [point for point in points if point[0] >= since]
    middle = sum(x for x, _ in told) / len(told)
    mean = sum(y for _, y in told) / len(told)
    return [(x, mean + fitted.slope * (x - middle) / HOUR) for x in (told[0][0], told[-1][0])]


def keep(result: Report, picture: str, name: str) -> Path:
    """Write chart and JSON; the folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(picture)
    (FOLDER / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    return FOLDER


def show(console: Console, result: Report) -> None:
    """The table, and what went wrong."""
    table = Table(title=result.title)
    for column in ("", "before", "after", "slope an hour (95 %)", "limit", "verdict"):
        table.add_column(column, justify="left" if column in {"", "limit", "verdict"} else "right")
    for row in result.rows:
        table.add_row(row.name, row.before, row.after, row.slope, row.limit, "ok" if row.ok else "[red]FAILED")
    console.print(table)
    console.print("access records:", ", ".join(f"{status}: {count:,}" for status, count in result.statuses.items()))
    console.print("visits:", ", ".join(f"{kind}: {count:,}" for kind, count in result.visits.items()), soft_wrap=True)
    for line in (*result.unexpected[:10], *result.bad_lines[:40]):
        console.print(line.rstrip(), markup=False, highlight=False, style="red")
