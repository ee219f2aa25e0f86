"""`gateway consumers set-password` and `add-signature-key`. Not for API keys: `consumer_keys`."""

import base64
import os
import sys
from typing import Any, Final

import click

from app.domain.policies import basic_credentials
from app.interfaces.cli import credentials
from app.interfaces.cli.changes import tell_outcome
from app.interfaces.cli.consumer_edits import edit_consumer
from app.interfaces.cli.consumer_output import tell_made
from app.interfaces.cli.remote import connected, remote
from app.interfaces.cli.toolbox import Refused, Toolbox

SHORTEST: Final = 8
"""Characters of a password (NIST SP 800-63B section 5.1.1.2)."""
SECRET: Final = 32
"""Bytes of randomness of a signature key."""


def secret_commands(toolbox: Toolbox) -> list[click.Command]:
    """The commands for what a consumer and the gateway both know."""
    return [_set_password(toolbox), _add_signature_key(toolbox)]


def _set_password(toolbox: Toolbox) -> click.Command:
    @click.command("set-password")
    @click.argument("id")
    @click.argument("username")
    @click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
    @click.option("--create", is_flag=True, help="Make the consumer when there is none of that id.")
    @remote
    def set_password(  # the name of the argument stands in the help
        id: str,  # noqa: A002  # the name of the argument in the help
        username: str,
        *,
        password_stdin: bool,
        create: bool,
        as_json: bool,
        **where: Any,
    ) -> None:
        """Set the password that USERNAME has at this consumer. It is asked for; its argon2id hash is stored."""
        hashed = toolbox.hash_password(_password(username, stdin=password_stdin))
        with connected(toolbox, where, as_json=as_json) as api:
            outcome = edit_consumer(
                api, id, lambda document: credentials.with_account(id, document, username, hashed), create=create
            )
        tell_outcome(outcome, as_json=as_json)

    return set_password


def _password(username: str, *, stdin: bool) -> str:
    """Raises Refused for what is too short, and for what no client could send."""
    if stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    if len(password) < SHORTEST:
        raise Refused(f"the password: expected {SHORTEST} characters at least")
    try:
        read = basic_credentials.read(base64.b64encode(f"{username}:{password}".encode()))
    except ValueError as error:
        raise Refused(f"the user name with the password cannot be sent (RFC 7617): {error}") from None
    if not username or read.username != username:
        raise Refused(f"{username}: expected a user name, which has no colon (RFC 7617)")
    return password


def _add_signature_key(toolbox: Toolbox) -> click.Command:
    @click.command("add-signature-key")
    @click.argument("id")
    @click.argument("keyid")
    @click.option("--create", is_flag=True, help="Make the consumer when there is none of that id.")
    @remote
    def add_signature_key(id: str, keyid: str, *, create: bool, as_json: bool, **where: Any) -> None:  # noqa: A002  # as in the help
        """Make a secret with which a consumer signs requests (RFC 9421, hmac-sha256), under the keyid KEYID.

        The secret is printed on standard output, this once. The gateway has to know it: it stands in the store, and
        those who have the read-only token do not see it.
        """
        secret = base64.urlsafe_b64encode(os.urandom(SECRET)).rstrip(b"=").decode()
        key = {"id": keyid, "algorithm": "hmac-sha256", "secret": secret}
        with connected(toolbox, where, as_json=as_json) as api:
            outcome = edit_consumer(
                api, id, lambda document: credentials.with_signature_key(id, document, key), create=create
            )
        tell_made({"consumer": id, "keyid": keyid, "secret": secret}, "secret", outcome, as_json=as_json)

    return add_signature_key
