"""A result as rows of text, for the terminal and for Markdown."""

import re

from rich.table import Table

from benchmarks.rig.model import BACKEND, Metric, Report, Result, Sample
from benchmarks.rig.statistics import (
    Spread,
    errors_of,
    problem_of,
    ratio_of,
    spread_of,
    subjects_of,
)

NEAR_THE_LIMIT = 0.9
"""Part of the backend's own speed from which on it is the rig that is measured."""
DISTURBED = 0.05
"""Part of a sample in which others may run on the subject's core without a remark."""
NONE = "-"
FAILED = "failed"


def number(value: float, digits: int) -> str:
    """With thousands apart."""
    return f"{value:,.{digits}f}"


def header(result: Result) -> list[str]:
    """The columns: the first figure whole, of the others the median, and a ratio where it is asked for."""
    cells = ["subject"]
    for index, metric in enumerate(result.metrics):
        if index == 0:
            cells += [f"{metric.label} min", "median", "max"]
        else:
            cells.append(metric.label)
        if metric.compared and result.reference:
            cells.append(f"x {result.reference}")
    return [*cells, "errors"]


def rows(result: Result) -> list[list[str]]:
    """One for each subject, then one for the backend alone."""
    table = []
    for subject in subjects_of(result):
        cells = [subject + (" *" if is_limited(result, subject) else "")]
        for index, metric in enumerate(result.metrics):
            cells += _figures(result, subject, metric, whole=index == 0)
        table.append([*cells, _errors(result, subject)])
    if result.backend is not None:
        table.append(_backend_row(result, result.backend))
    return table


def _figures(result: Result, subject: str, metric: Metric, *, whole: bool) -> list[str]:
    figures = spread_of(result, subject, metric.key)
    cells = _whole(figures, metric.digits) if whole else [number(figures.median, metric.digits) if figures else NONE]
    if metric.compared and result.reference:
        ratio = ratio_of(result, subject, metric.key)
        cells.append(number(ratio.median, 2) if ratio else NONE)
    return cells


def _whole(figures: Spread | None, digits: int) -> list[str]:
    if figures is None:
        return [NONE] * 3
    return [number(value, digits) for value in (figures.minimum, figures.median, figures.maximum)]


def _errors(result: Result, subject: str) -> str:
    return FAILED if problem_of(result, subject) else number(errors_of(result, subject), 0)


def _backend_row(result: Result, alone: Sample) -> list[str]:
    cells = [alone.subject]
    for index, metric in enumerate(result.metrics):
        value = alone.metrics.get(metric.key)
        text = number(value, metric.digits) if value is not None and alone.valid else NONE
        cells += [NONE, text, NONE] if index == 0 else [text]
        if metric.compared and result.reference:
            cells.append(NONE)
    return [*cells, FAILED if alone.problem else number(alone.errors, 0)]


def is_limited(result: Result, subject: str) -> bool:
    """Whether a subject is nearly as fast as the backend alone: then its figure is a lower bound."""
    first = result.metrics[0]
    if result.backend is None or not result.backend.valid or first.better == "lower":
        return False
    limit, figures = result.backend.metrics.get(first.key, 0.0), spread_of(result, subject, first.key)
    return figures is not None and limit > 0 and figures.median >= NEAR_THE_LIMIT * limit


def remarks(result: Result) -> list[str]:
    """What the table needs to be read."""
    lines = []
    if any(is_limited(result, subject) for subject in subjects_of(result)):
        lines.append("* as fast as the load generator and the backend: at least so fast")
    if any(not sample.valid for sample in result.samples):
        lines.append("samples with errors are left out of the figures: they would be those of another load")
    others = max((sample.others for sample in result.samples), default=0.0)
    if others > DISTURBED:
        lines.append(f"DISTURBED: other processes ran on the subject's core for up to {others:.0%} of a sample")
    for subject in [*subjects_of(result), BACKEND]:
        problem = problem_of(result, subject)
        lines += [f"{subject} failed: {problem}"] if problem else []
    lines += [f"left out: {name}: {reason}" for name, reason in result.missing.items()]
    return lines


def rich_table(result: Result, highlighted: str) -> Table:
    """For the terminal."""
    table = Table(title=result.title, title_justify="left", caption="\n".join(remarks(result)), caption_justify="left")
    for index, name in enumerate(header(result)):
        table.add_column(name, justify="left" if index == 0 else "right")
    for row in rows(result):
        table.add_row(*row, style="bold green" if row[0].startswith(highlighted) else "")
    return table


def markdown(report: Report) -> str:
    """Every table of a run with what must be known of the machine."""
    machine = ", ".join(report.machine.values())
    lines = [f"Measured on {report.date[:10]}: {machine}.", ""]
    lines += [*(f"{note[:1].upper()}{note[1:]}." for note in report.notes), ""] if report.notes else []
    lines += ["Versions: " + "; ".join(f"{name} {version}" for name, version in report.versions.items()) + ".", ""]
    for result in report.results:
        lines += [f"### {result.title}", "", *_markdown_table(result), ""]
    return "\n".join(lines)


def _markdown_table(result: Result) -> list[str]:
    if result.problem:
        return [f"Not measured: {result.problem}."]
    names = header(result)
    lines = [_line(names), _line(["---"] + ["--:"] * (len(names) - 1))]
    lines += [_line(row) for row in rows(result)]
    return [*lines, "", *(f"- {_text(line)}" for line in remarks(result))]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(map(_text, cells)) + " |"


def _text(text: str) -> str:
    return re.sub(r"[|*]", r"\\\g<0>", text)
