"""Tells services claims of a token in fields of the request. Not for who is asking: `identities`."""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.entities.headers import Headers
from app.domain.policies import forwarding
from app.domain.policies.token_claims import Claim, Claims

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_MEANT_OTHERWISE: Final = frozenset(
    b"authorization cookie content-type content-encoding content-language content-range accept-encoding range"
    b" origin referer user-agent".split()
)
"""Fields by which services understand the request itself."""


class ClaimFields:
    """Claims, each with the field that it is told in."""

    __slots__ = ("_fields", "names")

    def __init__(self, forward: Mapping[str, str]) -> None:
        self._fields: Final = [(Claim(claim), field.lower().encode()) for claim, field in forward.items()]
        self.names: Final = frozenset(field for _, field in self._fields)

    def of(self, claims: Claims) -> Headers:
        """The fields; a claim that is missing, or whose value no field can say plainly, has none."""
        found: Headers = []
        for claim, field in self._fields:
            text = _text(claim.of(claims))
            if text:
                found.append((field, text.encode()))
        return found


def _text(value: Any) -> str:
    """Empty for what cannot be told, which is all of a list when it is a part of it."""
    if isinstance(value, str):
        return value if _is_plain(value) else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if not isinstance(value, list):
        return ""
    parts = [_text(one) for one in value if not isinstance(one, list)]
    if len(parts) != len(value) or not all(part and "," not in part for part in parts):
        return ""
    return ",".join(parts)


def _is_plain(text: str) -> bool:
    """No control character, which could end the field; nothing that a receiver may read, or trim, in another way."""
    return text.isascii() and text.isprintable() and text == text.strip()


def name_problem(name: str) -> str:
    """Why claims cannot be told in the field of this name; empty when they can."""
    lower = name.lower()
    raw = lower.encode()
    if not lower or not _TOKEN.issuperset(lower):
        return "is no field name"
    if raw in forwarding.HOP_BY_HOP or raw in forwarding.FRAMING:
        return "concerns the connection, not the message: the gateway chooses it"
    if raw in forwarding.WRITTEN:
        return "is written by the gateway itself"
    if raw in _MEANT_OTHERWISE or lower.startswith(("sec-", "if-", "access-control-")):
        return "has a meaning of its own"
    if not forwarding.from_client(raw):
        return "is never sent to services: it could not be told from a client's forgery"
    return ""
