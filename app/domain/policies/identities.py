"""Who is asking when several credentials say so, and how services are told. Not for checking credentials."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Header, Headers
from app.domain.entities.identity import Identity
from app.domain.entities.request import Request
from app.domain.policies.challenges import unauthenticated

_PLAIN: Final = "".join(map(chr, range(0x21, 0x7F))).replace("%", "").replace(",", "")


def accept(exchange: Exchange, identity: Identity, *challenges: bytes) -> None:
    """`identity` was proved.

    Raises Unauthenticated, with the challenges, when that cannot be the one who was proved before.
    """
    try:
        merged = identity if exchange.identity is None else merge(exchange.identity, identity)
    except ValueError as error:
        raise unauthenticated(str(error), *challenges) from None
    exchange.identity = merged
    exchange.consumer = merged.id


def merge(first: Identity, second: Identity) -> Identity:
    """Who it is when both were proved: the first that names a consumer, with the scopes and claims of both.

    Where both make a claim, that of the first counts. Raises ValueError for two different consumers.
    """
    if first.entity is not None and second.entity is not None and first.id != second.id:
        raise ValueError("the credentials belong to different consumers")
    chosen = second if first.entity is None and second.entity is not None else first
    claims = {**second.claims, **first.claims}
    scopes = first.scopes | second.scopes
    return Identity(chosen.id, chosen.method, chosen.credential, chosen.entity, scopes, claims)


def identity_fields(identity: Identity) -> Headers:
    """What the service is told. Names from outside are percent-encoded: they end no field and join no list."""
    fields: list[Header] = [(b"x-consumer-id", _encoded(identity.id))]
    if identity.groups:
        fields.append((b"x-consumer-groups", b", ".join(sorted(map(_encoded, identity.groups)))))
    fields.append((b"x-credential-id", identity.credential.encode()))
    return fields


def remove_fields(request: Request, names: Iterable[bytes]) -> None:
    """Take fields out of a request, so that no service sees them."""
    gone = frozenset(names).intersection(request.fields)
    if gone:
        request.headers = [field for field in request.headers if field[0] not in gone]
        for name in gone:
            del request.fields[name]


@lru_cache(4096)
def _encoded(text: str) -> bytes:
    return quote(text, safe=_PLAIN, errors="surrogatepass").encode()
