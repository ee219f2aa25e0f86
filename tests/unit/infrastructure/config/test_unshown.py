"""Values of secret fields do not get into messages."""

from app.infrastructure.config.unshown import without_values


def test_secret_fields_are_told_of_in_other_words() -> None:
    found = [
        (("api_keys", 0, "sha256"), "expected text that matches `x`, got 'hunter2'"),
        (("basic", 0, "password"), "expected text, got 12345 (put it in quotes)"),
        (("basic", 1, "password"), "is missing"),
        (("groups", 0), "expected text, got 1"),
        ((), "expected a mapping, got 1"),
    ]
    assert without_values("consumers", found) == [
        (
            ("api_keys", 0, "sha256"),
            "expected 64 hex digits in lower case: the SHA-256 of the key, never the key itself",
        ),
        (("basic", 0, "password"), "expected text: a hash, argon2id or bcrypt"),
        (("basic", 1, "password"), "is missing"),
        (("groups", 0), "expected text, got 1"),
        ((), "expected a mapping, got 1"),
    ]
    assert without_values("issuers", [(("secret",), "got 5")]) == [(("secret",), "expected text")]
    assert without_values("routes", [(("secret",), "got 5")]) == [(("secret",), "got 5")]
