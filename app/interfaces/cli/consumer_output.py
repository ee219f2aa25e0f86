"""How a credential that was just made is told: alone on standard output, so that scripts can take it from there."""

from collections.abc import Mapping

import click

from app.domain.entities.control import Outcome
from app.interfaces.cli.output import complain, say_json


def tell_made(facts: Mapping[str, str], secret: str, outcome: Outcome, *, as_json: bool) -> None:
    """`facts` are told as JSON, or the one called `secret` alone, with what it belongs to on standard error."""
    if as_json:
        say_json({**facts, "revision": outcome.revision})
        return
    complain(f"warning: {warning}" for warning in outcome.warnings)
    click.echo(facts[secret])
    live = f"live in revision {outcome.revision}" if outcome.revision else "stored; not seen live yet"
    what = ", ".join(f"{name} {value}" for name, value in facts.items() if value and name != secret)
    complain([f"{what}: {live}", f"the {secret} is shown this once: keep it where only its owner reads it"])
