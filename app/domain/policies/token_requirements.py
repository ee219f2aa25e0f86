"""Whether a token is enough for a route: its scopes and its claims. Not for whether it is valid."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.entities.identity import Identity
from app.domain.policies.token_claims import Claim

Scalar = str | int | float | bool
Accepted = Scalar | tuple[Scalar, ...]
"""One value, or several any of which is enough."""


class Requirements:
    """What a route asks of a token: every scope, and of every claim one of the values."""

    __slots__ = ("_claims", "scopes")

    def __init__(self, scopes: Iterable[str], claims: Mapping[str, Accepted]) -> None:
        self.scopes: Final = frozenset(scopes)
        self._claims: Final = [
            (Claim(name), frozenset(map(_comparable, values if isinstance(values, tuple) else (values,))))
            for name, values in claims.items()
        ]

    def unmet(self, identity: Identity) -> str:
        """What is missing, for the operator; empty when nothing is."""
        if not self.scopes <= identity.scopes:
            return f"scope {' '.join(sorted(self.scopes - identity.scopes))} is missing"
        for claim, accepted in self._claims:
            value = claim.of(identity.claims)
            values = value if isinstance(value, list) else (value,)
            if not any(_comparable(one) in accepted for one in values if _is_scalar(one)):
                return f"claim {claim.name} has none of the values that are asked for"
        return ""


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _comparable(value: Scalar) -> tuple[bool, Scalar]:
    """Python takes True for 1; JSON does not."""
    return isinstance(value, bool), value
