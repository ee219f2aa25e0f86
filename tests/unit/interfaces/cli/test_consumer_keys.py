"""`gateway consumers add-key`, `revoke-key` and `keys`."""

import json

import pytest
from click.testing import CliRunner, Result

from app.domain.policies.key_making import is_whole
from app.interfaces.cli.credentials import digest_of
from app.interfaces.cli.main import cli
from app.interfaces.cli.toolbox import Refused
from tests.unit.interfaces.cli.fake_toolbox import FakeToolbox
from tests.unit.interfaces.cli.storing_admin import document_of, storing

KEYS = [{"sha256": "aa" * 32, "name": "one"}, {"sha256": "ab" * 32, "name": "two", "expires": "2023-01-01"}]


def invoke(toolbox: FakeToolbox, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli(toolbox), ["consumers", *arguments], input=given)


def refused(toolbox: FakeToolbox, *arguments: str, given: str | None = None) -> str:
    result = invoke(toolbox, *arguments, given=given)
    assert isinstance(result.exception, Refused)
    return str(result.exception)


def test_a_key_is_printed_alone_and_its_digest_is_stored() -> None:
    toolbox, admin = storing(mobile={"groups": ["apps"]})
    result = invoke(toolbox, "add-key", "mobile")
    assert result.exit_code == 0
    [key] = result.stdout.splitlines()
    assert is_whole(key)
    assert document_of(admin, "mobile") == {
        "groups": ["apps"],
        "api_keys": [{"sha256": digest_of(key), "name": "key-1"}],
    }
    assert "consumer mobile" in result.stderr
    assert "live in revision 8" in result.stderr
    assert key not in result.stderr
    assert key not in str(admin.stored)


def test_every_key_is_another_one() -> None:
    toolbox, admin = storing(mobile={})
    keys = {invoke(toolbox, "add-key", "mobile").stdout for _ in range(5)}
    assert len(keys) == 5
    assert [key["name"] for key in document_of(admin, "mobile")["api_keys"]] == [f"key-{n}" for n in range(1, 6)]


def test_a_key_with_a_name_and_an_end_as_json() -> None:
    toolbox, admin = storing()
    toolbox.remote.revision = 0
    result = invoke(toolbox, "add-key", "mobile", "--create", "--name", "phone", "--expires", "90d", "--json")
    told = json.loads(result.stdout)
    [stored] = document_of(admin, "mobile")["api_keys"]
    assert stored == {"sha256": digest_of(told["key"]), "name": "phone", "expires": "2024-02-12T22:13:20Z"}
    assert told == {"consumer": "mobile", **stored, "key": told["key"], "revision": 0}


def test_a_consumer_that_is_not_there() -> None:
    toolbox, admin = storing()
    result = invoke(toolbox, "add-key", "mobile")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "consumers.mobile does not exist" in result.stderr
    assert admin.stored["consumers"] == {}


def test_a_name_that_is_taken_makes_no_key() -> None:
    toolbox, admin = storing(mobile={"api_keys": KEYS})
    assert "there is a key 'one' already" in refused(toolbox, "add-key", "mobile", "--name", "one")
    assert document_of(admin, "mobile") == {"api_keys": KEYS}
    assert admin.closed


def test_what_the_gateway_refuses_prints_no_key() -> None:
    toolbox, admin = storing(mobile={})
    admin.refuse()
    result = invoke(toolbox, "add-key", "mobile")
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_name_for_a_key_that_somebody_else_takes_meanwhile() -> None:
    toolbox, admin = storing(mobile={})
    admin.overtaken = [{"api_keys": [{"sha256": "aa" * 32, "name": "key-1"}]}]
    result = invoke(toolbox, "add-key", "mobile", "--json")
    assert json.loads(result.stdout)["name"] == "key-2"
    assert [key["name"] for key in document_of(admin, "mobile")["api_keys"]] == ["key-1", "key-2"]


@pytest.mark.parametrize("which", [("--name", "one"), ("--sha256", "aaaaaaaa"), ("--sha256", "AA" * 32)])
def test_revoking_a_key(which: tuple[str, str]) -> None:
    toolbox, admin = storing(mobile={"api_keys": KEYS})
    result = invoke(toolbox, "revoke-key", "mobile", *which)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["changed consumers.mobile", "live in revision 8 with digest d8"]
    assert document_of(admin, "mobile") == {"api_keys": KEYS[1:]}


def test_revoking_a_key_that_was_found_somewhere() -> None:
    toolbox, admin = storing(mobile={"api_keys": KEYS})
    key = invoke(toolbox, "add-key", "mobile").stdout
    assert "expected a whole key" in refused(toolbox, "revoke-key", "mobile", "--key-stdin", given=key[:-2])
    assert invoke(toolbox, "revoke-key", "mobile", "--key-stdin", given=key).exit_code == 0
    assert document_of(admin, "mobile") == {"api_keys": KEYS}


@pytest.mark.parametrize("which", [(), ("--name", "one", "--sha256", "aaaaaaaa"), ("--sha256", "aa")])
def test_which_key_must_be_said(which: tuple[str, ...]) -> None:
    toolbox, admin = storing(mobile={"api_keys": KEYS})
    assert "give" in refused(toolbox, "revoke-key", "mobile", *which)
    assert document_of(admin, "mobile") == {"api_keys": KEYS}


def test_keys_are_a_table() -> None:
    toolbox, _ = storing(mobile={"api_keys": [*KEYS, {"sha256": "ac" * 32, "expires": "2099-01-01"}]})
    lines = [" ".join(line.split()) for line in invoke(toolbox, "keys", "mobile").stdout.splitlines()]
    assert lines[0] == "name sha256 expires"
    assert lines[2:] == ["one aaaaaaaa never", "two abababab 2023-01-01 (over)", "acacacac 2099-01-01"]
    assert json.loads(invoke(toolbox, "keys", "mobile", "--json").stdout)[:2] == KEYS


def test_no_keys_are_told() -> None:
    toolbox, _ = storing(mobile={})
    assert invoke(toolbox, "keys", "mobile").stdout == "consumers.mobile: no keys\n"
