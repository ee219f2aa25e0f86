"""The `gateway` command: its subcommands, and how failures become lines and exit codes.

0 done, 1 the answer is no, 2 bad input, 70 a mistake in the gateway itself.
"""

import os
import sys
from collections.abc import Sequence
from typing import Final

import click

from app.domain.admin_ports import AdminUnreachable
from app.domain.entities.config import ConfigError
from app.interfaces.cli.check import check_command
from app.interfaces.cli.config import config_command
from app.interfaces.cli.consumers import consumers_command
from app.interfaces.cli.entities import section_command
from app.interfaces.cli.explain import explain_command
from app.interfaces.cli.history import history_command, rollback_command
from app.interfaces.cli.output import complain
from app.interfaces.cli.routes import routes_command
from app.interfaces.cli.schema import schema_command
from app.interfaces.cli.serve import serve_command
from app.interfaces.cli.settings import settings_command
from app.interfaces.cli.status import status_command
from app.interfaces.cli.toolbox import Refused, Toolbox

BAD_INPUT: Final = 2
INTERNAL: Final = 70
"""EX_SOFTWARE of sysexits.h."""


def cli(toolbox: Toolbox) -> click.Group:
    """The command with its subcommands."""
    group = click.Group(
        "gateway",
        help="An API gateway: routes HTTP and WebSocket traffic to backend services.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
        commands=[
            serve_command(toolbox),
            check_command(toolbox),
            schema_command(toolbox),
            settings_command(toolbox),
            routes_command(toolbox),
            explain_command(toolbox),
            section_command(toolbox, "services"),
            section_command(toolbox, "issuers"),
            consumers_command(toolbox),
            section_command(toolbox, "chains"),
            config_command(toolbox),
            history_command(toolbox),
            rollback_command(toolbox),
            status_command(toolbox),
        ],
    )
    return click.version_option(toolbox.version, prog_name="gateway", message="%(prog)s %(version)s")(group)


def run(toolbox: Toolbox, arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. Never raises, unless GATEWAY_DEBUG is set."""
    try:
        code = cli(toolbox).main(arguments, prog_name="gateway", standalone_mode=False)
        return _flushed(int(code or 0))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (Refused, AdminUnreachable) as error:
        complain(f"gateway: {line}" for line in error.lines)
        return BAD_INPUT
    except ConfigError as error:
        complain(str(problem) for problem in error.problems)
        return BAD_INPUT
    except Exception as error:
        return _internal(error)


def _flushed(code: int) -> int:
    """`code`, or 1 as click has it when nobody reads the output any more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must not fail again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _internal(error: Exception) -> int:
    if os.environ.get("GATEWAY_DEBUG"):
        raise error
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    complain([f"gateway: internal error: {what}, run with GATEWAY_DEBUG=1 for the traceback"])
    return INTERNAL
