"""`gateway schema`."""

import click

from app.interfaces.cli.output import say_json
from app.interfaces.cli.toolbox import Toolbox


def schema_command(toolbox: Toolbox) -> click.Command:
    """Prints the JSON Schema."""

    @click.command("schema")
    def schema() -> None:
        """Print the JSON Schema of a configuration file, for editors."""
        say_json(toolbox.schema())

    return schema
