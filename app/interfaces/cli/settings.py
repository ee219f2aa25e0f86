"""`gateway settings`."""

import click
from msgspec import structs

from app.interfaces.cli.output import say_json, say_table
from app.interfaces.cli.toolbox import Toolbox


def settings_command(toolbox: Toolbox) -> click.Command:
    """Prints the settings in force."""

    @click.command("settings")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def settings(*, as_json: bool) -> None:
        """Print every process setting, its value, and where the value came from.

        Each can be set in the environment, or by the option of the same name of `gateway serve`.
        """
        rows = toolbox.settings({})
        if as_json:
            say_json([{**structs.asdict(row), "option": row.option} for row in rows])
            return
        say_table(
            ["variable", "value", "from", "meaning"], [(row.variable, row.value, row.source, row.help) for row in rows]
        )

    return settings
