"""Shows a run: what was sent through what, how it was answered, what was found. Not for judging."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from tests.fuzz.campaign import Failure, Tally

MOST_SHOWN: Final = 20


class Done(NamedTuple):
    """One campaign."""

    server: str
    backend: str
    tally: Tally
    seconds: float


def summary(done: Sequence[Done]) -> Table:
    """A row for each campaign: how many streams, and of how many the backend saw a request."""
    table = Table(title="Streams")
    for name in ("server", "backend"):
        table.add_column(name)
    for name in ("streams", "a second", "forwarded", "requests seen", "findings"):
        table.add_column(name, justify="right")
    for one in done:
        tally = one.tally
        table.add_row(
            one.server, one.backend, f"{tally.streams:,}", f"{tally.streams / max(one.seconds, 0.001):,.0f}",
            f"{tally.forwarded / max(tally.streams, 1):.0%}", f"{tally.sightings:,}", f"{len(tally.failures):,}",
        )  # fmt: skip
    return table


def answers(done: Sequence[Done]) -> Table:
    """A row for each first answer, a column for each campaign."""
    table = Table(title="Streams by their first answer")
    table.add_column("answer")
    for one in done:
        table.add_column(f"{one.server} {one.backend}", justify="right")
    seen = sum((one.tally.first for one in done), Counter[str]())
    for name, _ in seen.most_common():
        table.add_row(name, *(f"{one.tally.first[name] / max(one.tally.streams, 1):.2%}" for one in done))
    return table


def explain(failures: Sequence[Failure]) -> str:
    """What was found, for a terminal or a failed test."""
    lines = [f"stream {failure.stream.index}: {'; '.join(failure.findings)[:600]}" for failure in failures]
    if len(lines) > MOST_SHOWN:
        lines[MOST_SHOWN:] = [f"and {len(lines) - MOST_SHOWN} more"]
    return "\n".join(lines)


def show(console: Console, done: Sequence[Done]) -> None:
    """The tables, and every finding under them."""
    console.print(summary(done), answers(done))
    for one in done:
        if one.tally.failures:
            console.print(f"[bold red]{one.server} before {one.backend}[/]")
            console.print(explain(one.tally.failures), markup=False, highlight=False)
