"""Keeps what may be secret out of messages about values of the wrong shape. Not for references, which tell nothing."""

from typing import Final

from app.infrastructure.config.field_path import Found, Path

_REASONS: Final = {
    ("services", "sign_with"): "expected text",
    ("issuers", "secret"): "expected text",
    ("consumers", "secret"): "expected text",
    ("consumers", "password"): "expected text: a hash, argon2id or bcrypt",
    ("consumers", "sha256"): "expected 64 hex digits in lower case: the SHA-256 of the key, never the key itself",
}
"""Section and name of a field to what is said of it, whatever stands there."""
_MISSING: Final = "is missing"


def without_values(section: str, found: list[Found]) -> list[Found]:
    """The same problems, those of secret fields in words that do not hold the value."""
    return [(path, reason if reason == _MISSING else _said(section, path, reason)) for path, reason in found]


def _said(section: str, path: Path, reason: str) -> str:
    last = path[-1] if path else ""
    return _REASONS.get((section, str(last)), reason)
