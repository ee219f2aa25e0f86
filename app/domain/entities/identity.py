"""Who is asking, as far as credentials have shown. Not the consumer as the configuration has it."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.entities.consumer import Consumer

_NONE: Final[frozenset[str]] = frozenset()
_NO_CLAIMS: Final[Mapping[str, Any]] = {}


class Identity:
    """Not changed once it is made: it may be remembered, and shared by exchanges."""

    __slots__ = ("claims", "consumer", "credential", "entity", "groups", "id", "method", "scopes")

    def __init__(
        self,
        id_: str,
        method: str,
        credential: str,
        entity: Consumer | None = None,
        scopes: frozenset[str] = _NONE,
        claims: Mapping[str, Any] = _NO_CLAIMS,
    ) -> None:
        self.id: Final = id_
        """Of a consumer in the configuration; else the issuer's id, a colon and the subject, which no consumer's id is.
        What limits, logs and services know the caller by."""
        self.method: Final = method
        """`jwt`, `api_key`, `basic`, `signature` or `certificate`."""
        self.credential: Final = credential
        """Which of its credentials: 16 hex digits of a digest, never the credential."""
        self.entity: Final = entity
        """The consumer in the configuration, if there is one."""
        self.consumer: Final = "" if entity is None else id_
        self.groups: Final = _NONE if entity is None else frozenset(entity.groups)
        self.scopes: Final = scopes if entity is None else scopes.union(entity.scopes)
        """Those of a token, and those of the consumer."""
        self.claims: Final = claims
        """Of a token; empty for the other methods."""
