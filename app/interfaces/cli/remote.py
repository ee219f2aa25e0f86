"""What every command that asks a running gateway has in common: its options, the connection, how a no is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from app.domain.admin_ports import AdminApi, AdminRefused, Where
from app.domain.entities.config import ConfigProblem
from app.interfaces.cli.output import complain, plural, say_json
from app.interfaces.cli.toolbox import Toolbox

F = TypeVar("F", bound=Callable[..., Any])

REFUSED: Final = 1

_OPTIONS: Final = (
    click.option("--server", metavar="URL", default="", help="Admin API; else GATEWAY_ADMIN_URL, else 127.0.0.1:8001."),
    click.option("--token-file", metavar="FILE", default="", help="File with the token; else GATEWAY_ADMIN_TOKEN."),
    click.option("--ca", metavar="FILE", default="", help="PEM file of the CA of its certificate."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)


def remote(command: F) -> F:
    """Adds the options `--server`, `--token-file`, `--ca` and `--json` to a command's function."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextmanager
def connected(toolbox: Toolbox, where: dict[str, str], *, as_json: bool, refused: int = REFUSED) -> Iterator[AdminApi]:
    """The admin API for the block. What the gateway refuses is told, and ends the command with the code `refused`."""
    api = toolbox.admin(Where(**where))
    try:
        yield api
    except AdminRefused as error:
        _tell(error, as_json=as_json)
        click.get_current_context().exit(refused)
    finally:
        api.close()


def line_of(problem: ConfigProblem) -> str:
    """`routes.a.match.paths[0]: reason`; with its file and line in front where they are known."""
    what = ".".join(part for part in (problem.entity, problem.field) if part)
    return f"{what}: {problem.reason}" if what and not problem.line else str(problem)


def _tell(error: AdminRefused, *, as_json: bool) -> None:
    if as_json:
        say_json({"ok": False, "detail": error.detail, "problems": error.problems})
        return
    complain(line_of(problem) for problem in error.problems)
    complain([f"refused: {error.detail}" + (f" ({plural(len(error.problems), 'problem')})" if error.problems else "")])
