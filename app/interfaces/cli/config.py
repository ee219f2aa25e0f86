"""`gateway config …`: the whole configuration of a running gateway, compared, applied, taken out and put in."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from app.domain.admin_ports import AdminApi, AdminRefused
from app.domain.entities.control import Documents, Plan
from app.interfaces.cli.changes import tell_outcome, tell_plan
from app.interfaces.cli.inputs import read_documents
from app.interfaces.cli.output import complain, json_text, say_json
from app.interfaces.cli.remote import connected, remote
from app.interfaces.cli.toolbox import Refused, Toolbox

DIFFERENT: Final = 1
TROUBLE: Final = 2
"""Exit codes of `diff`, as of diff(1)."""
DECLINED: Final = 1
"""Exit code of `apply` and `import` when the answer is no."""
FORMATS: Final = (".yaml", ".yml", ".json")


def config_command(toolbox: Toolbox) -> click.Group:
    """The whole configuration of a running gateway."""
    return click.Group(
        "config",
        help="Compare, apply, export and import the whole configuration of a running gateway.",
        commands=[_apply(toolbox), _diff(toolbox), _export(toolbox), _import(toolbox)],
    )


def is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _diff(toolbox: Toolbox) -> click.Command:
    @click.command("diff")
    @click.argument("file")
    @remote
    def diff(file: str, *, as_json: bool, **where: str) -> None:
        """Tell what `apply FILE` would do; - is standard input.

        Exit code 0 when nothing would change, 1 when something would, 2 when FILE would be refused or the gateway
        cannot be asked.
        """
        documents = read_documents(toolbox, file)
        with connected(toolbox, where, as_json=as_json, refused=TROUBLE) as api:
            plan = _usable(api.plan(documents))
        if as_json:
            say_json(plan)
        else:
            tell_plan(plan)
        click.get_current_context().exit(DIFFERENT if plan.changes else 0)

    return diff


def _apply(toolbox: Toolbox) -> click.Command:
    @click.command("apply")
    @click.argument("file")
    @click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either.")
    @remote
    def apply(file: str, *, yes: bool, as_json: bool, **where: Any) -> None:
        """Make FILE the whole configuration; what is not in it is removed. - is standard input.

        The plan is shown before. Nothing is applied when somebody else changes the configuration meanwhile.
        """
        documents = read_documents(toolbox, file)
        with connected(toolbox, where, as_json=as_json) as api:
            _apply_planned(api, lambda _: documents, yes=yes, as_json=as_json)

    return apply


def _import(toolbox: Toolbox) -> click.Command:
    @click.command("import")
    @click.argument("file")
    @click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either.")
    @remote
    def import_(file: str, *, yes: bool, as_json: bool, **where: Any) -> None:
        """Create or replace every entity of FILE, and leave all others alone. - is standard input.

        All of them become live at once, or none.
        """
        documents = read_documents(toolbox, file)
        with connected(toolbox, where, as_json=as_json) as api:
            _apply_planned(api, lambda stored: _merged(stored, documents), yes=yes, as_json=as_json)

    return import_


def _export(toolbox: Toolbox) -> click.Command:
    @click.command("export")
    @click.option("-o", "--output", metavar="FILE", default="", help="Where to write: YAML, or JSON by its suffix.")
    @remote
    def export(output: str, *, as_json: bool, **where: Any) -> None:
        """Print everything that is stored as YAML; references such as env:NAME stay what they are."""
        if output and Path(output).suffix not in FORMATS:
            raise Refused(f"{output}: expected a name that ends with one of {', '.join(FORMATS)}")
        with connected(toolbox, where, as_json=as_json) as api:
            documents = api.export().documents
        if output:
            in_json = as_json or output.endswith(".json")
            _write(output, json_text(documents) if in_json else toolbox.to_yaml(documents))
        elif as_json:
            say_json(documents)
        else:
            click.echo(toolbox.to_yaml(documents), nl=False)

    return export


def _apply_planned(api: AdminApi, wanted: Callable[[Documents], Documents], *, yes: bool, as_json: bool) -> None:
    stored = api.export()
    documents = wanted(stored.documents)
    plan = _usable(api.plan(documents))
    if not as_json:
        tell_plan(plan)
    if plan.changes and not yes and is_terminal() and not click.confirm("apply?", err=True):
        complain(["nothing was changed"])
        click.get_current_context().exit(DECLINED)
    if plan.changes or as_json:
        tell_outcome(api.apply(documents, stored.version or None), as_json=as_json, planned=True)


def _usable(plan: Plan) -> Plan:
    """Raises AdminRefused for a plan with problems."""
    if plan.problems:
        raise AdminRefused("the configuration has mistakes; nothing was changed", plan.problems)
    return plan


def _merged(stored: Documents, documents: Documents) -> Documents:
    return {section: {**stored.get(section, {}), **documents.get(section, {})} for section in {**stored, **documents}}


def _write(output: str, text: str) -> None:
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise Refused(f"{output}: {error.strerror}") from None
