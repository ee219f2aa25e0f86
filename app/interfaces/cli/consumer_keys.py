"""`gateway consumers add-key`, `revoke-key` and `keys`: a key is shown once, the gateway keeps its digest."""

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from app.domain.policies import key_making
from app.domain.policies.api_keys import expiry
from app.interfaces.cli import credentials
from app.interfaces.cli.changes import tell_outcome
from app.interfaces.cli.consumer_edits import SECTION, consumer, edit_consumer
from app.interfaces.cli.consumer_output import tell_made
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.remote import connected, remote
from app.interfaces.cli.toolbox import Refused, Toolbox

_FEWEST: Final = 8
"""Digits of a digest that name a key."""


def key_commands(toolbox: Toolbox) -> list[click.Command]:
    """The commands for the API keys of a consumer."""
    return [_add(toolbox), _revoke(toolbox), _list(toolbox)]


def _add(toolbox: Toolbox) -> click.Command:
    @click.command("add-key")
    @click.argument("id")
    @click.option("--name", metavar="NAME", default="", help="What to call the key; else key-1 and so on.")
    @click.option("--expires", metavar="90d|DATE", default="", help="When it ends; a date includes its day, in UTC.")
    @click.option("--create", is_flag=True, help="Make the consumer when there is none of that id.")
    @remote
    def add_key(id: str, name: str, expires: str, *, create: bool, as_json: bool, **where: Any) -> None:  # noqa: A002  # as in the help
        """Make an API key for a consumer. The key is printed on standard output, this once; its digest is stored."""
        key = key_making.key_of(os.urandom(key_making.RANDOM))
        entry = {"sha256": credentials.digest_of(key), "name": name}
        end = credentials.end_of(expires, toolbox.now())

        def change(document: Any) -> Any:
            entry["name"] = name or credentials.free_name(id, document)
            return credentials.with_key(id, document, {**entry, **({"expires": end} if end else {})})

        with connected(toolbox, where, as_json=as_json) as api:
            outcome = edit_consumer(api, id, change, create=create)
        facts = {"consumer": id, **entry, "expires": end, "key": key}
        tell_made(facts, "key", outcome, as_json=as_json)

    return add_key


def _revoke(toolbox: Toolbox) -> click.Command:
    @click.command("revoke-key")
    @click.argument("id")
    @click.option("--name", metavar="NAME", help="Its name.")
    @click.option("--sha256", metavar="DIGITS", help="At least the first 8 digits of its digest.")
    @click.option("--key-stdin", is_flag=True, help="Read the key itself from standard input.")
    @remote
    def revoke_key(  # the name of the argument stands in the help
        id: str,  # noqa: A002  # the name of the argument in the help
        name: str | None,
        sha256: str | None,
        *,
        key_stdin: bool,
        as_json: bool,
        **where: Any,
    ) -> None:
        """Take one API key away from a consumer: it is refused as soon as the change is live."""
        wanted = _wanted(name, sha256, key_stdin=key_stdin)
        with connected(toolbox, where, as_json=as_json) as api:
            outcome = edit_consumer(api, id, lambda document: credentials.without_key(id, document, wanted))
        tell_outcome(outcome, as_json=as_json)

    return revoke_key


def _wanted(name: str | None, sha256: str | None, *, key_stdin: bool) -> Callable[[dict[str, Any]], bool]:
    if (name is not None) + (sha256 is not None) + key_stdin != 1:
        raise Refused("which key? give one of --name, --sha256 and --key-stdin")
    if name is not None:
        return lambda key: key.get("name", "") == name
    digits = _digest_on_stdin() if key_stdin else str(sha256).lower()
    if len(digits) < _FEWEST:
        raise Refused(f"--sha256 {digits}: give {_FEWEST} digits at least")
    return lambda key: str(key.get("sha256", "")).startswith(digits)


def _digest_on_stdin() -> str:
    key = sys.stdin.readline().strip()
    if not key_making.is_whole(key):
        raise Refused("standard input: expected a whole key, which this is not: part of it is missing, or misspelt")
    return credentials.digest_of(key)


def _list(toolbox: Toolbox) -> click.Command:
    @click.command("keys")
    @click.argument("id")
    @remote
    def keys(id: str, *, as_json: bool, **where: Any) -> None:  # noqa: A002  # the name of the argument in the help
        """List the API keys of a consumer: names, the first digits of their digests, and when they end."""
        with connected(toolbox, where, as_json=as_json) as api:
            found = credentials.entries_of(id, consumer(api, id), "api_keys")
        if as_json:
            say_json(found)
        elif found:
            say_table(["name", "sha256", "expires"], [_cells(key, toolbox.now()) for key in found])
        else:
            say(f"{SECTION}.{id}: no keys")

    return keys


def _cells(key: dict[str, Any], now: float) -> tuple[str, str, str]:
    end = str(key.get("expires", ""))
    over = " (over)" if end and expiry(end) <= now else ""
    return str(key.get("name", "")), str(key.get("sha256", ""))[: credentials.SHOWN], f"{end}{over}" or "never"
