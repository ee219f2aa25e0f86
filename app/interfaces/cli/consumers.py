"""`gateway consumers …`: what all sections have, and the credentials of consumers."""

import click

from app.interfaces.cli.consumer_keys import key_commands
from app.interfaces.cli.consumer_secrets import secret_commands
from app.interfaces.cli.entities import section_commands
from app.interfaces.cli.toolbox import Toolbox


def consumers_command(toolbox: Toolbox) -> click.Group:
    """Reads and edits the consumers of a running gateway, and what they prove themselves with."""
    return click.Group(
        "consumers",
        help="Read and edit the consumers of a running gateway, and give them keys.",
        commands=[*section_commands(toolbox, "consumers"), *key_commands(toolbox), *secret_commands(toolbox)],
    )
