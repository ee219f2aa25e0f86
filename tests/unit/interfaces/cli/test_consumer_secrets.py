"""`gateway consumers set-password` and `add-signature-key`."""

import json

import pytest
from click.testing import CliRunner, Result

from app.interfaces.cli.main import cli
from app.interfaces.cli.toolbox import Refused
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox
from tests.unit.interfaces.cli.storing_admin import document_of, storing

PASSWORD = "correct horse"  # noqa: S105  # of a test


def invoke(toolbox: FakeToolbox, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli(toolbox), ["consumers", *arguments], input=given)


def test_a_password_from_standard_input() -> None:
    toolbox, admin = storing(ann={"basic": [{"username": "ann", "password": "old"}]})
    result = invoke(toolbox, "set-password", "ann", "ann", "--password-stdin", given=f"{PASSWORD}\r\nmore\n")
    assert result.exit_code == 0
    assert document_of(admin, "ann") == {"basic": [{"username": "ann", "password": f"hash of {PASSWORD}"}]}
    assert PASSWORD not in result.output


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    toolbox, admin = storing()
    result = invoke(toolbox, "set-password", "ann", "ann", "--create", given=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert document_of(admin, "ann")["basic"][0]["password"] == f"hash of {PASSWORD}"
    assert PASSWORD not in result.output
    assert result.stdout.splitlines()[0] == "added consumers.ann"


def test_passwords_that_differ_are_asked_for_again() -> None:
    toolbox, admin = storing(ann={})
    result = invoke(toolbox, "set-password", "ann", "ann", given=f"{PASSWORD}\nother one\n")
    assert result.exit_code == 1
    assert document_of(admin, "ann") == {}


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [
        ("ann", "short", "8 characters at least"),
        ("a:b", PASSWORD, "no colon"),
        ("", PASSWORD, "expected a user name"),
        ("ann", "with\ttabulator", "cannot be sent"),
        ("ann", "x" * 3000, "cannot be sent"),
    ],
)
def test_what_no_client_could_send(username: str, password: str, reason: str) -> None:
    toolbox, admin = storing(ann={})
    result = invoke(toolbox, "set-password", "ann", username, "--password-stdin", given=f"{password}\n")
    assert isinstance(result.exception, Refused)
    assert reason in str(result.exception)
    assert password not in str(result.exception)
    assert document_of(admin, "ann") == {}


def test_a_signature_key_is_printed_alone() -> None:
    toolbox, admin = storing(batch={})
    result = invoke(toolbox, "add-signature-key", "batch", "batch-1")
    [secret] = result.stdout.splitlines()
    assert len(secret) == 43
    assert document_of(admin, "batch")["signatures"] == [
        {"id": "batch-1", "algorithm": "hmac-sha256", "secret": secret}
    ]
    assert secret not in result.stderr
    assert "keyid batch-1" in result.stderr


def test_a_signature_key_as_json() -> None:
    toolbox, admin = storing()
    told = json.loads(invoke(toolbox, "add-signature-key", "batch", "b", "--create", "--json").stdout)
    assert told == {
        "consumer": "batch",
        "keyid": "b",
        "secret": document_of(admin, "batch")["signatures"][0]["secret"],
        "revision": 8,
    }


def test_the_id_of_a_signature_key_is_taken_once() -> None:
    toolbox, _ = storing(batch={"signatures": [{"id": "b"}]})
    result = invoke(toolbox, "add-signature-key", "batch", "b")
    assert isinstance(result.exception, Refused)
    assert result.stdout == ""
