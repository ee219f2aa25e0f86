"""How commands print: tables that fit the terminal, plain wide lines where there is none, JSON for scripts.

Results go to standard output, everything else to standard error. NO_COLOR is respected.
"""

from collections.abc import Iterable, Sequence

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDE = 10_000
"""Columns when nobody looks: a table that is read by another program is never folded."""


def plain(text: str) -> str:
    """`text` with what would move the cursor, or colour the terminal, made visible."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def plural(count: int, what: str) -> str:
    """`1 route`, `2 routes`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def say(text: str) -> None:
    """One line on standard output."""
    click.echo(plain(text))


def complain(lines: Iterable[str]) -> None:
    """Lines on standard error."""
    for line in lines:
        click.echo(plain(line), err=True)


def say_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json_text(value), nl=False)


def json_text(value: object) -> str:
    """One JSON document for people and programs, with a line end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on standard output; cells may hold several lines."""
    console = Console(highlight=False, markup=False, emoji=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", style="cyan" if number == 0 else "", no_wrap=False)
    for row in rows:
        table.add_row(*(Text("\n".join(plain(line) for line in cell.split("\n"))) for cell in row))
    if console.is_terminal:
        console.print(table)
        return
    console.width = _WIDE
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())
