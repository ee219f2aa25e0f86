"""`gateway check FILE`."""

import click

from app.domain.entities.config import SECTIONS, ConfigError
from app.interfaces.cli.output import complain, plural, say, say_json
from app.interfaces.cli.toolbox import Loaded, Toolbox

WARNED = 1
"""Exit code under `--strict` when there are warnings."""
BROKEN = 2
_ALWAYS = ("service", "route")
"""Counted also when there is none."""


def check_command(toolbox: Toolbox) -> click.Command:
    """Validates a configuration file."""

    @click.command("check")
    @click.argument("file", required=False)
    @click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_context
    def check(context: click.Context, file: str | None, *, strict: bool, as_json: bool) -> None:
        """Validate FILE (default: the configuration of the settings), and warn of routes that hide one another.

        Every problem is told, not only the first. Exit code 2 when there is one.
        """
        try:
            loaded = toolbox.load(file, {})
        except ConfigError as error:
            _tell_problems(error, as_json=as_json)
            context.exit(BROKEN)
        _tell(loaded, as_json=as_json)
        context.exit(WARNED if strict and loaded.warnings else 0)

    return check


def _tell_problems(error: ConfigError, *, as_json: bool) -> None:
    if as_json:
        say_json({"ok": False, "problems": error.problems, "warnings": []})
        return
    complain(str(problem) for problem in error.problems)
    complain([plural(len(error.problems), "problem")])


def _tell(loaded: Loaded, *, as_json: bool) -> None:
    config = loaded.config
    if as_json:
        say_json({
            "ok": True, "problems": [], "warnings": loaded.warnings, "source": loaded.source, "digest": loaded.digest,
            **{section: len(getattr(config, section)) for section in SECTIONS},
        })  # fmt: skip
        return
    complain(f"{loaded.source}: warning: {warning}" for warning in loaded.warnings)
    counts = [(len(getattr(config, section)), section[:-1]) for section in SECTIONS]
    parts = [plural(count, what) for count, what in counts if count or what in _ALWAYS]
    said = ", ".join([*parts, plural(len(loaded.warnings), "warning")])
    say(f"{loaded.source}: {said}, digest {loaded.digest}")
