"""`gateway routes [FILE]`."""

import click

from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.toolbox import RouteRow, Toolbox

COLUMNS = ("id", "hosts", "paths", "methods", "conditions", "goes to", "priority")


def routes_command(toolbox: Toolbox) -> click.Command:
    """Lists the routes."""

    @click.command("routes")
    @click.argument("file", required=False)
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def routes(file: str | None, *, as_json: bool) -> None:
        """List the enabled routes of FILE (default: the configuration of the settings) in the order of matching."""
        loaded = toolbox.load(file, {})
        rows = toolbox.routes(loaded.config)
        if as_json:
            say_json(rows)
        elif rows:
            say_table(COLUMNS, [_cells(row) for row in rows])
        else:
            say(f"{loaded.source}: no enabled routes")

    return routes


def _cells(row: RouteRow) -> tuple[str, ...]:
    return (
        row.id,
        "\n".join(row.hosts) or "any",
        "\n".join(row.paths) or "any",
        " ".join(row.methods) or "any",
        "\n".join(row.conditions),
        row.goes_to,
        str(row.priority),
    )
