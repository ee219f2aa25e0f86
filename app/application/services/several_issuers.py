"""Several issuers in the place of one, where a route takes tokens of any of them. Not for judging a token."""

from collections.abc import Awaitable, Iterable
from typing import Final

from app.application.tools import TokenIssuer
from app.domain.entities.identity import Identity
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.token_refusals import TokenRefused


class SeveralIssuers:
    """A TokenIssuer: the first that believes a token says who it is about."""

    __slots__ = ("_issuers",)

    def __init__(self, issuers: Iterable[TokenIssuer]) -> None:
        self._issuers: Final = tuple(issuers)

    def identify(self, token: bytes) -> Identity | Awaitable[Identity]:
        """See TokenIssuer. When none believes it, what the one says that it is most likely of."""
        return self._from(token, 0, [])

    def _from(self, token: bytes, start: int, refusals: list[GatewayError]) -> Identity | Awaitable[Identity]:
        for index in range(start, len(self._issuers)):
            try:
                found = self._issuers[index].identify(token)
            except (TokenRefused, GatewayRefusal) as error:
                refusals.append(error)
                continue
            if isinstance(found, Identity):
                return found
            return self._wait(token, index, refusals, found)
        raise min(refusals, key=_rank)

    async def _wait(
        self, token: bytes, index: int, refusals: list[GatewayError], waiting: Awaitable[Identity]
    ) -> Identity:
        try:
            return await waiting
        except (TokenRefused, GatewayRefusal) as error:
            refusals.append(error)
        found = self._from(token, index + 1, refusals)
        return found if isinstance(found, Identity) else await found


def _rank(error: GatewayError) -> int:
    """An issuer whose signature holds knows best; one that cannot judge may be the right one."""
    if not isinstance(error, TokenRefused):
        return 1
    if error.genuine:
        return 0
    return 3 if error.foreign else 2
