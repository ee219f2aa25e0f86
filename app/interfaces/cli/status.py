"""`gateway status`."""

from collections import Counter

import click

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import GatewayStatus, WorkerStatus
from app.interfaces.cli.history import moment
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.remote import connected, line_of, remote
from app.interfaces.cli.toolbox import Toolbox

_WORKERS = ("worker", "since", "revision", "digest", *SECTIONS, "problem")
_TARGETS = 50
"""Targets that a table shows: those with the most requests under way."""


def status_command(toolbox: Toolbox) -> click.Command:
    """Tells how a gateway is."""

    @click.command("status")
    @remote
    def status(*, as_json: bool, **where: str) -> None:
        """Tell how a running gateway is: what is live, in which workers, and what of the store is refused."""
        with connected(toolbox, where, as_json=as_json) as api:
            found = api.status()
        if as_json:
            say_json(found)
        else:
            _tell(found)

    return status


def _tell(found: GatewayStatus) -> None:
    for name, value in (
        ("version", found.version),
        ("store", found.store),
        ("revision", str(found.revision)),
        ("digest", found.digest),
        ("age", f"{found.age:.1f}s"),
    ):
        say(f"{name:<10}{value}")
    if found.workers:
        say("")
        say_table(_WORKERS, [_cells(worker) for worker in found.workers])
    targets = _targets(found)
    if targets:
        say("")
        say_table(["service", "target", "in flight"], targets)
    for problem in found.refused:
        say(f"refused: {line_of(problem)}")


def _cells(worker: WorkerStatus) -> tuple[str, ...]:
    counts = (str(getattr(worker, section)) for section in SECTIONS)
    return (str(worker.pid), moment(worker.started), str(worker.revision), worker.digest, *counts, worker.problem)


def _targets(found: GatewayStatus) -> list[tuple[str, str, str]]:
    """Of all workers together."""
    flying: Counter[tuple[str, str]] = Counter()
    for worker in found.workers:
        for target in worker.targets:
            flying[target.service, target.url] += target.in_flight
    return [(service, url, str(count)) for (service, url), count in flying.most_common(_TARGETS)]
