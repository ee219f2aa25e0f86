import json
from pathlib import Path
from typing import Any

import pytest

from app.infrastructure.security.key_reading import LARGEST_FILE, MOST_KEYS, of_document, of_file, of_jwks, of_secret
from tests.token_forge import SECRET, signer

ALGORITHMS = ("RS256", "ES256", "EdDSA")
KEY = signer("ES256")


def document(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_key_set_is_read() -> None:
    read = of_document(document({"keys": [KEY.jwk(), signer("RS256", "k2").jwk()], "more": 1}), ALGORITHMS)
    assert read.skipped == ()
    assert read.keys is not None
    assert read.keys.find("k1", "ES256")
    assert read.keys.find("k2", "RS256")
    assert read.keys.find("k1", "RS256") is None


@pytest.mark.parametrize(
    "broken", [None, 5, "x", [], {}, {"kty": "oct", "k": "AA", "kid": "s"}, {**KEY.jwk(), "x": "!"}]
)
def test_a58_a_broken_key_does_not_stop_the_others(broken: Any) -> None:
    read = of_jwks([broken, KEY.jwk()], ALGORITHMS)
    assert read.keys is not None
    assert read.keys.find("k1", "ES256")
    assert len(read.skipped) == 1


@pytest.mark.parametrize(
    ("jwk", "reason"),
    [
        (KEY.jwk(kid=5), "key number 1 has an id"),
        (KEY.jwk(kid="k" * 300), "has an id"),
        (signer("ES384").jwk(), "'k1' is for none of the algorithms"),
        (KEY.jwk(use="enc"), "'k1' cannot be used"),
    ],
)
def test_what_is_skipped_is_told(jwk: dict[str, Any], reason: str) -> None:
    read = of_jwks([jwk], ALGORITHMS)
    assert read.keys is None
    [told] = read.skipped
    assert reason in told


def test_an_id_that_is_there_twice_is_told() -> None:
    read = of_jwks([KEY.jwk(), signer("ES256", number=2).jwk(), signer("RS256").jwk()], ALGORITHMS)
    assert read.skipped == ("key 'k1' has the id of one before it",)
    nameless = of_jwks([signer("ES256", None).jwk(), signer("ES256", None, 2).jwk()], ALGORITHMS)
    assert nameless.skipped == ()


def test_f34_there_is_an_end_to_the_keys() -> None:
    read = of_jwks([KEY.jwk(kid=str(n)) for n in range(MOST_KEYS + 1)], ALGORITHMS)
    assert read.keys is not None
    assert read.keys.find(str(MOST_KEYS), "ES256") is None
    assert "only" in read.skipped[0]


@pytest.mark.parametrize("data", [b"", b"<html>", b"[]", b"5", b"{}", b'{"keys":5}', b"\xff", b"[" * 100_000])
def test_f34_what_is_no_key_set_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        of_document(data, ALGORITHMS)


def test_f34_an_empty_set_has_no_keys() -> None:
    assert of_document(b'{"keys":[]}', ALGORITHMS).keys is None


def test_a_secret_is_a_key() -> None:
    read = of_secret(SECRET, ("HS256",))
    assert read.keys is not None
    assert read.keys.find("any", "HS256")
    assert of_secret("short", ("HS256",)).keys is None
    too_short = of_secret("a" * 32, ("HS512",))
    assert too_short.keys is None
    assert "too short" in too_short.skipped[0]


def test_a_file_is_a_key_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "2024.pem"
    path.write_bytes(KEY.pem())
    key = of_file(str(path), ALGORITHMS)
    assert key.kid == "2024"
    assert set(key.verifiers) == {"ES256"}
    with pytest.raises(ValueError, match="none of the algorithms"):
        of_file(str(path), ("RS256",))
    path.write_bytes(b"x" * (LARGEST_FILE + 1))
    with pytest.raises(ValueError, match="larger"):
        of_file(str(path), ALGORITHMS)
    with pytest.raises(OSError, match="No such file"):
        of_file(str(tmp_path / "none.pem"), ALGORITHMS)
