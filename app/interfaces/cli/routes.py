"""`gateway routes …`: the routes of a file in the order of matching, or those of a running gateway."""

import click

from app.interfaces.cli.entities import editing, list_stored
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.remote import remote
from app.interfaces.cli.toolbox import Refused, RouteRow, Toolbox

COLUMNS = ("id", "hosts", "paths", "methods", "conditions", "goes to", "priority")


class ListByDefault(click.Group):
    """`gateway routes my.yaml` is `gateway routes list my.yaml`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See click.Group."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def routes_command(toolbox: Toolbox) -> click.Command:
    """Lists the routes, and edits those of a running gateway."""
    return ListByDefault(
        "routes",
        help="List routes, and edit those of a running gateway.\n\n`gateway routes [FILE]` is `gateway routes list`.",
        commands=[_list(toolbox), *editing(toolbox, "routes")],
    )


def _list(toolbox: Toolbox) -> click.Command:
    @click.command("list")
    @click.argument("file", required=False)
    @remote
    def list_(file: str | None, *, as_json: bool, **where: str) -> None:
        """List the enabled routes of FILE (default: the configuration of the settings) in the order of matching.

        With --server, those that a running gateway has stored, by id.
        """
        if where["server"]:
            if file:
                raise Refused(f"{file} and --server: name one of them")
            list_stored(toolbox, "routes", where, as_json=as_json)
            return
        _list_file(toolbox, file, as_json=as_json)

    return list_


def _list_file(toolbox: Toolbox, file: str | None, *, as_json: bool) -> None:
    loaded = toolbox.load(file, {})
    rows = toolbox.routes(loaded.config)
    if as_json:
        say_json(rows)
    elif rows:
        say_table(COLUMNS, [_cells(row) for row in rows])
    else:
        say(f"{loaded.source}: no enabled routes")


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
