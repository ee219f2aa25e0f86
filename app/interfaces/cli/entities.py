"""What `gateway services …`, `issuers`, `consumers`, `chains` and `routes` have in common: list, get, put, delete."""

from typing import Any

import click

from app.interfaces.cli.changes import tell_outcome
from app.interfaces.cli.document_rows import columns_of, row_of
from app.interfaces.cli.inputs import read_value
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.remote import connected, remote
from app.interfaces.cli.toolbox import Toolbox

_EXPECT = "Version that must be stored, as `get --json` tells it; empty: nothing may be stored."


def section_command(toolbox: Toolbox, section: str) -> click.Group:
    """Reads and edits one section of a running gateway."""
    help_ = f"Read and edit the {section} of a running gateway."
    return click.Group(section, help=help_, commands=section_commands(toolbox, section))


def section_commands(toolbox: Toolbox, section: str) -> list[click.Command]:
    """Everything that can be done with a section."""
    return [_list(toolbox, section), *editing(toolbox, section)]


def editing(toolbox: Toolbox, section: str) -> list[click.Command]:
    """The commands for single entities of a section."""
    return [_get(toolbox, section), _put(toolbox, section), _delete(toolbox, section)]


def list_stored(toolbox: Toolbox, section: str, where: dict[str, str], *, as_json: bool) -> None:
    """Print what is stored in a section."""
    with connected(toolbox, where, as_json=as_json) as api:
        found = api.entities(section)
    if as_json:
        say_json(found)
    elif found:
        say_table(columns_of(section), [row_of(section, id_, found[id_]) for id_ in sorted(found)])
    else:
        say(f"no {section}")


def _list(toolbox: Toolbox, section: str) -> click.Command:
    @click.command("list", help=f"List the {section}.")
    @remote
    def list_(*, as_json: bool, **where: str) -> None:
        list_stored(toolbox, section, where, as_json=as_json)

    return list_


def _get(toolbox: Toolbox, section: str) -> click.Command:
    @click.command("get", help=f"Print one of the {section} as YAML, as it is stored; with --json, its version too.")
    @click.argument("id")
    @remote
    def get(id: str, *, as_json: bool, **where: str) -> None:  # noqa: A002  # the name of the argument in the help
        with connected(toolbox, where, as_json=as_json) as api:
            entity = api.entity(section, id)
        if as_json:
            say_json(entity)
        else:
            click.echo(toolbox.to_yaml(entity.document), nl=False)

    return get


def _put(toolbox: Toolbox, section: str) -> click.Command:
    @click.command("put", help=f"Create or replace one of the {section} by what is in FILE; - is standard input.")
    @click.argument("id")
    @click.argument("file")
    @click.option("--expect", metavar="VERSION", help=_EXPECT)
    @remote
    def put(id: str, file: str, expect: str | None, *, as_json: bool, **where: Any) -> None:  # noqa: A002  # see above
        document = read_value(toolbox, file)
        with connected(toolbox, where, as_json=as_json) as api:
            tell_outcome(api.put(section, id, document, expect), as_json=as_json)

    return put


def _delete(toolbox: Toolbox, section: str) -> click.Command:
    @click.command("delete", help=f"Remove one of the {section}.")
    @click.argument("id")
    @click.option("--expect", metavar="VERSION", help="Version that must be stored, as `get --json` tells it.")
    @remote
    def delete(id: str, expect: str | None, *, as_json: bool, **where: Any) -> None:  # noqa: A002  # see above
        with connected(toolbox, where, as_json=as_json) as api:
            tell_outcome(api.delete(section, id, expect), as_json=as_json)

    return delete
