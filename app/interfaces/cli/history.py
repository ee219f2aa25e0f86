"""`gateway history` and `gateway rollback N`."""

from datetime import UTC, datetime
from typing import Any

import click

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Revision
from app.interfaces.cli.changes import tell_outcome
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.remote import connected, remote
from app.interfaces.cli.toolbox import Toolbox

_SHOWN = 5
"""Entities of a revision that a table names."""


def history_command(toolbox: Toolbox) -> click.Command:
    """Lists the revisions."""

    @click.command("history")
    @remote
    def history(*, as_json: bool, **where: str) -> None:
        """List the configurations that were live on a running gateway, the newest first."""
        with connected(toolbox, where, as_json=as_json) as api:
            revisions = api.history()
        if as_json:
            say_json(revisions)
        elif revisions:
            columns = ["revision", "live since", "digest", *SECTIONS, "changed", "what"]
            say_table(columns, [_cells(revision) for revision in revisions])
        else:
            say("no revisions yet")

    return history


def rollback_command(toolbox: Toolbox) -> click.Command:
    """Goes back to a revision."""

    @click.command("rollback")
    @click.argument("revision", type=click.IntRange(min=1))
    @remote
    def rollback(revision: int, *, as_json: bool, **where: Any) -> None:
        """Make the configuration of REVISION live again, as a new revision."""
        with connected(toolbox, where, as_json=as_json) as api:
            tell_outcome(api.rollback(revision), as_json=as_json)

    return rollback


def moment(seconds: float) -> str:
    """Seconds since 1970 for people, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _cells(revision: Revision) -> tuple[str, ...]:
    changes = [
        f"{difference} {section}.{id_}"
        for section, entities in revision.changes.items()
        for id_, difference in entities.items()
    ]
    more = revision.changed - len(changes[:_SHOWN])
    what = [*changes[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    counts = (*(str(getattr(revision, section)) for section in SECTIONS), str(revision.changed))
    return (str(revision.number), moment(revision.time), revision.digest, *counts, "\n".join(what))
