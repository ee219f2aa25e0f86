"""Documents of consumers with credentials more, or fewer."""

from typing import Any

import pytest

from app.interfaces.cli import credentials
from app.interfaces.cli.toolbox import Refused

NOW = 1_700_000_000.0  # 2023-11-14 22:13:20
KEYS: list[dict[str, Any]] = [{"sha256": "aa" * 32, "name": "one"}, {"sha256": "ab" * 32}]


def test_a_key_more_keeps_everything_else() -> None:
    document = {"groups": ["a"], "api_keys": KEYS}
    changed = credentials.with_key("c", document, {"sha256": "cc" * 32, "name": "two"})
    assert changed == {"groups": ["a"], "api_keys": [*KEYS, {"sha256": "cc" * 32, "name": "two"}]}
    assert document["api_keys"] is KEYS


def test_names_of_keys_are_taken_once() -> None:
    with pytest.raises(Refused, match="there is a key 'one' already"):
        credentials.with_key("c", {"api_keys": KEYS}, {"sha256": "cc" * 32, "name": "one"})


def test_names_that_are_free() -> None:
    assert credentials.free_name("c", {}) == "key-1"
    taken = {"api_keys": [{"name": "key-1"}, {"name": "key-3"}]}
    assert credentials.free_name("c", taken) == "key-2"


def test_a_key_less() -> None:
    left = credentials.without_key("c", {"api_keys": KEYS, "tags": []}, lambda key: key.get("name") == "one")
    assert left == {"api_keys": [KEYS[1]], "tags": []}


def test_a_key_that_is_not_there_or_not_the_only_one() -> None:
    with pytest.raises(Refused, match="no such key; `gateway consumers keys c` tells"):
        credentials.without_key("c", {"api_keys": KEYS}, lambda _: False)
    with pytest.raises(Refused, match=r"2 keys are meant \(aaaaaaaa, abababab\)"):
        credentials.without_key("c", {"api_keys": KEYS}, lambda _: True)


def test_a_password_takes_the_place_of_the_earlier_one() -> None:
    document = {"basic": [{"username": "ann", "password": "old"}, {"username": "bob", "password": "b"}]}
    assert credentials.with_account("c", document, "ann", "new")["basic"] == [
        {"username": "bob", "password": "b"},
        {"username": "ann", "password": "new"},
    ]


def test_signature_keys_have_an_id_each() -> None:
    document = credentials.with_signature_key("c", {}, {"id": "k"})
    assert document == {"signatures": [{"id": "k"}]}
    with pytest.raises(Refused, match="there is a signature key 'k' already"):
        credentials.with_signature_key("c", document, {"id": "k"})


@pytest.mark.parametrize("document", [{"api_keys": "text"}, {"api_keys": ["text"]}, {"api_keys": {}}, "text"])
def test_documents_of_another_shape(document: Any) -> None:
    with pytest.raises(Refused, match=r"consumers\.c: api_keys is no list of mappings"):
        credentials.entries_of("c", document, "api_keys")


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("", ""),
        ("90d", "2024-02-12T22:13:20Z"),
        ("12h", "2023-11-15T10:13:20Z"),
        ("2023-11-14", "2023-11-14"),
        ("2027-01-31", "2027-01-31"),
        ("2027-01-31T12:00:00+02:00", "2027-01-31T12:00:00+02:00"),
    ],
)
def test_when_a_key_ends(given: str, end: str) -> None:
    assert credentials.end_of(given, NOW) == end


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("soon", "expected a time such as 90d"),
        ("2023-13-01", "expected a time such as 90d"),
        ("2023-11-13", "is over"),
        ("0d", "is over"),
        ("9999999d", "is too far away"),
        ("99999999999999999d", "is too far away"),
    ],
)
def test_what_is_no_end(given: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        credentials.end_of(given, NOW)
