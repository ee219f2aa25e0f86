"""What is secret in a document is hidden, and comes back."""

from typing import Any

import pytest

from app.domain.entities.control import Documents, EntityChange, Stored, StoredEntity
from app.domain.policies.secret_fields import (
    MASK,
    holds_mask,
    masked,
    masked_change,
    masked_documents,
    masked_stored,
    unmasked,
)

SECRET = "s" * 32
ISSUER: dict[str, Any] = {"issuer": "https://a", "secret": SECRET, "keys": [{"kid": "1", "kty": "RSA", "n": "AQAB"}]}
CONSUMER: dict[str, Any] = {
    "api_keys": [{"sha256": "ab" * 32}],
    "basic": [{"username": "ann", "password": "$argon2id$ann"}, {"username": "bob", "password": "$argon2id$bob"}],
    "signatures": [{"id": "k1", "secret": SECRET}, {"id": "k2", "public_key": "PEM"}],
}
SERVICE: dict[str, Any] = {"targets": [{"url": "http://a"}], "isolation": {"sign_with": SECRET, "key_id": "g"}}


def test_an_issuer() -> None:
    assert masked("issuers", ISSUER) == {**ISSUER, "secret": MASK}


@pytest.mark.parametrize("name", ["k", "d", "p", "q", "dp", "dq", "qi", "oth"])
def test_private_parts_of_keys_that_should_not_be_there(name: str) -> None:
    key = {"kid": "1", "kty": "RSA", "n": "AQAB"}
    assert masked("issuers", {"keys": [{**key, name: "private"}]}) == {"keys": [{**key, name: MASK}]}


def test_a_consumer() -> None:
    hidden = masked("consumers", CONSUMER)
    assert [one["password"] for one in hidden["basic"]] == [MASK, MASK]
    assert hidden["signatures"] == [{"id": "k1", "secret": MASK}, {"id": "k2", "public_key": "PEM"}]
    assert hidden["api_keys"] == CONSUMER["api_keys"]


def test_a_service() -> None:
    assert masked("services", SERVICE)["isolation"] == {"sign_with": MASK, "key_id": "g"}
    plain = {"targets": [{"url": "http://a"}]}
    assert masked("services", plain) is plain


def test_sections_without_secrets() -> None:
    document = {"secret": "is no field of a route"}
    assert masked("routes", document) is document
    assert unmasked("routes", {"secret": MASK}, None) == ({"secret": MASK}, [])


@pytest.mark.parametrize("value", ["env:NAME", "file:/run/secrets/key", "", None])
def test_references_and_nothing_stay(value: object) -> None:
    assert masked("issuers", {"secret": value}) == {"secret": value}


@pytest.mark.parametrize("value", [7, ["a"], {"a": "b"}, "env:two words", "file:relative"])
def test_secrets_of_the_wrong_shape_are_hidden_too(value: object) -> None:
    assert masked("issuers", {"secret": value}) == {"secret": MASK}


@pytest.mark.parametrize("document", [None, "text", 7, [{"secret": SECRET}], {"a": {"b": [{"secret": SECRET}]}}])
def test_documents_of_the_wrong_shape(document: Any) -> None:
    assert SECRET not in str(masked("consumers", document))
    assert unmasked("consumers", masked("consumers", document), document) == (document, [])


@pytest.mark.parametrize(("section", "document"), [("issuers", ISSUER), ("consumers", CONSUMER), ("services", SERVICE)])
def test_what_is_hidden_comes_back(section: str, document: Any) -> None:
    assert unmasked(section, masked(section, document), document) == (document, [])


def test_entries_of_lists_are_known_by_their_names() -> None:
    hidden = masked("consumers", CONSUMER)
    sent = {"basic": [*reversed(hidden["basic"]), {"username": "eve", "password": MASK}]}
    document, missing = unmasked("consumers", sent, CONSUMER)
    assert [one["password"] for one in document["basic"]] == ["$argon2id$bob", "$argon2id$ann", None]
    assert missing == ["basic[2].password"]


def test_entries_without_names_are_known_by_their_places() -> None:
    stored = {"keys": [{"d": "one"}, {"kid": "2", "d": "two"}]}
    document, missing = unmasked("issuers", {"keys": [{"d": MASK}, {"d": MASK}, {"d": MASK}]}, stored)
    assert document["keys"][0] == {"d": "one"}
    assert missing == ["keys[1].d", "keys[2].d"]


@pytest.mark.parametrize("stored", [None, {}, {"secret": MASK}, {"secret": None}, [], "text"])
def test_a_mask_that_stands_for_nothing(stored: Any) -> None:
    assert unmasked("issuers", {"secret": MASK}, stored).missing == ["secret"]


def test_a_new_secret_takes_the_place_of_the_old_one() -> None:
    assert unmasked("issuers", {"secret": "new"}, ISSUER) == ({"secret": "new"}, [])


def test_a_mask_elsewhere_is_just_text() -> None:
    document = {"description": MASK}
    assert unmasked("consumers", document, {"description": "x"}) == (document, [])


def test_whole_configurations_and_changes() -> None:
    documents: Documents = {"issuers": {"main": ISSUER}, "routes": {"a": {"url": "http://a"}}}
    assert masked_documents(documents)["issuers"]["main"]["secret"] == MASK
    assert masked_documents(documents)["routes"] == documents["routes"]
    stored: Stored = {"issuers": {"main": StoredEntity(ISSUER, "v1")}}
    assert masked_stored(stored)["issuers"]["main"] == StoredEntity({**ISSUER, "secret": MASK}, "v1")
    change = masked_change(EntityChange("issuers", "main", "changed", ISSUER, {"secret": "other"}))
    assert (change.before, change.after) == ({**ISSUER, "secret": MASK}, {"secret": MASK})
    assert masked_change(EntityChange("issuers", "main", "removed", ISSUER)).after is None


def test_whether_there_is_a_mask() -> None:
    assert holds_mask({"issuers": {"a": {"keys": [{"d": MASK}]}}})
    assert not holds_mask({"issuers": {"a": {"keys": [{"d": "x"}, 7, None]}}})
