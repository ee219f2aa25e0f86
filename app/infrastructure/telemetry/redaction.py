"""Keeps credentials in queries and referring URLs out of the logs. Not for header fields: none is logged whole."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote_plus

DEFAULT_NAMES: Final = frozenset({
    "access_token", "id_token", "refresh_token", "token", "auth", "auth_token", "authorization", "bearer", "jwt",
    "assertion", "client_assertion", "client_secret", "secret", "password", "passwd", "pwd", "pass", "api_key",
    "api-key", "apikey", "key", "x-api-key", "code", "session", "session_id", "sessionid", "sid", "sig", "signature",
    "ticket", "otp",
    "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature", "x-goog-credential",
    "awsaccesskeyid", "samlresponse", "samlrequest",
})  # fmt: skip
"""Query parameters that carry credentials in OAuth 2.0, SAML, CAS, signed URLs and common APIs."""

_PIECE: Final = re.compile("[^&;]+")


class Redactor:
    """Replaces the values of named query parameters by `REDACTED`. Names are compared in lower case, decoded."""

    def __init__(self, names: Collection[str] = DEFAULT_NAMES) -> None:
        self._names = {name.lower() for name in names}

    def add(self, name: str) -> None:
        """Replace the values of another parameter as well, from now on."""
        self._names.add(name.lower())

    def query(self, text: str) -> str:
        """A query without its credentials; `a[token]=x` counts as `token`, and `;` separates as `&` does."""
        if "=" not in text or self._is_harmless(text):
            return text
        return _PIECE.sub(self._piece, text)

    def _is_harmless(self, text: str) -> bool:
        """The usual query, whose names are written plainly and are none of ours, at a fraction of the cost."""
        if "%" in text or ";" in text or "[" in text or "+" in text:
            return False
        return all(piece.partition("=")[0].strip().lower() not in self._names for piece in text.split("&"))

    def url(self, text: str) -> str:
        """A URL without its credentials: no user information, no fragment, a redacted query."""
        base, question, query = text.partition("#")[0].partition("?")
        scheme, slashes, rest = base.partition("://")
        if slashes:
            authority, slash, path = rest.partition("/")
            base = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
        return f"{base}?{self.query(query)}" if question else base

    def _piece(self, match: re.Match[str]) -> str:
        piece = match[0]
        name, equals, value = piece.partition("=")
        if not equals or not value:
            return piece
        plain = unquote_plus(name).strip().lower()
        if plain not in self._names:
            parts = plain.replace("]", "").split("[") if "[" in plain else []
            if self._names.isdisjoint(parts):
                return piece
        return name + "=REDACTED"
