"""Where in a request a token stands: a field, a cookie or a query parameter. Not for what the token is.

A place that holds two has none that is meant: what another reader would take for it could be the other (A-61).
"""

import re
from typing import Final, Protocol
from urllib.parse import unquote_plus

from app.domain.entities.request import Request
from app.domain.policies.identities import remove_fields
from app.domain.token_refusals import TokenRefused

AUTHORIZATION: Final = b"authorization"
_OTHER_SCHEME: Final = re.compile(rb"bearer[!#$%&'*+.^_`|~0-9a-z-]", re.IGNORECASE)
"""A longer word that only begins like it."""


class TokenPlace(Protocol):
    """One place."""

    def find(self, request: Request) -> bytes | None:
        """The token that stands there; None when there is none. Raises TokenRefused when it is not clear which."""
        ...

    def remove(self, request: Request) -> None:
        """Take it out of the request, so that no service sees it."""
        ...


class BearerPlace:
    """`Authorization: Bearer …` (RFC 6750 section 2.1); other schemes are not looked at."""

    __slots__ = ()

    def find(self, request: Request) -> bytes | None:
        """See TokenPlace."""
        value = request.fields.get(AUTHORIZATION)
        if value is None:
            return None
        if value[:7].lower() == b"bearer ":
            return value[7:].lstrip(b" ")  # several fields are joined by commas, which no token has
        if b"," in value and b"bearer" in value.lower():
            raise TokenRefused("there are several credentials in 'authorization'")
        if value[:6].lower() == b"bearer" and not _OTHER_SCHEME.match(value):
            # What follows a tab, say: some services would read a token there that nobody has judged.
            raise TokenRefused("there is no token after 'Bearer' and a blank")
        return None

    def remove(self, request: Request) -> None:
        """See TokenPlace."""
        value = request.fields.get(AUTHORIZATION)
        if value is not None and (value[:6].lower() == b"bearer" or (b"," in value and b"bearer" in value.lower())):
            remove_fields(request, (AUTHORIZATION,))


class FieldPlace:
    """A field that holds nothing but the token."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name: Final = name.lower().encode()

    def find(self, request: Request) -> bytes | None:
        """See TokenPlace. Two fields are joined by a comma, which no token has."""
        return request.fields.get(self._name)

    def remove(self, request: Request) -> None:
        """See TokenPlace."""
        remove_fields(request, (self._name,))


class CookiePlace:
    """A cookie."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name: Final = name.encode()

    def find(self, request: Request) -> bytes | None:
        """See TokenPlace."""
        line = request.fields.get(b"cookie")
        if line is None:
            return None
        found = [value for name, value in map(_cookie, line.split(b";")) if name == self._name]
        if len(found) > 1:
            raise TokenRefused("the cookie is there twice")
        return found[0] if found else None

    def remove(self, request: Request) -> None:
        """See TokenPlace. Other cookies stay as they are."""
        line = request.fields.get(b"cookie")
        if line is None or all(name != self._name for name, _ in map(_cookie, line.split(b";"))):
            return
        headers = []
        for name, value in request.headers:
            kept = self._without(value) if name == b"cookie" else value
            if kept or name != b"cookie":
                headers.append((name, kept))
        request.headers = headers
        rest = self._without(line)
        if rest:
            request.fields[b"cookie"] = rest
        else:
            del request.fields[b"cookie"]

    def _without(self, line: bytes) -> bytes:
        return b";".join([piece for piece in line.split(b";") if _cookie(piece)[0] != self._name]).strip(b" ")


class QueryPlace:
    """A parameter of the query (RFC 6750 section 2.3)."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name: Final = name

    def find(self, request: Request) -> bytes | None:
        """See TokenPlace."""
        if not request.query:
            return None
        found = [piece.partition("=")[2] for piece in request.query.split("&") if self._is(piece)]
        if len(found) > 1:
            raise TokenRefused("the query parameter is there twice")
        return unquote_plus(found[0]).encode(errors="replace") if found else None

    def remove(self, request: Request) -> None:
        """See TokenPlace. Other parameters stay as they are."""
        if request.query:
            pieces = request.query.split("&")
            kept = [piece for piece in pieces if not self._is(piece)]
            if len(kept) != len(pieces):
                request.query = "&".join(kept)

    def _is(self, piece: str) -> bool:
        return unquote_plus(piece.partition("=")[0]) == self._name


def _cookie(piece: bytes) -> tuple[bytes, bytes]:
    name, _, value = piece.partition(b"=")
    return name.strip(b" \t"), value.strip(b" \t")
