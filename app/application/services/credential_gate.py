"""What every filter that checks credentials does alike: absent, wrong, right. Not for what a credential is."""

from typing import Final

from app.application.tools import Failures
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.policies.challenges import unauthenticated
from app.domain.policies.identities import accept
from app.domain.refusals import Unauthenticated


class CredentialGate:
    """One for each filter."""

    __slots__ = ("_absent", "_challenge", "_failures", "_optional", "_wrong")

    def __init__(self, failures: Failures, challenge: bytes, what: str, *, optional: bool) -> None:
        """`what` is asked for: `an API key`."""
        self._failures: Final = failures
        self._challenge: Final = challenge
        self._optional: Final = optional
        self._absent: Final = f"{what} is required"
        self._wrong: Final = f"{what} was sent that is not valid"

    def absent(self) -> None:
        """There are no credentials. Raises Unauthenticated unless they are optional; that is no failure."""
        if not self._optional:
            raise unauthenticated(self._absent, self._challenge)

    def enter(self, exchange: Exchange) -> None:
        """There are some. Raises LimitExceeded before they are looked at, when there were too many wrong ones."""
        self._failures.check(exchange.request.client.address)

    def refusal(self, exchange: Exchange, reason: str, *, guess: bool = True) -> Unauthenticated:
        """They are wrong: a failure, unless nobody can have guessed. The client is told the same whatever the reason,
        which is the operator's."""
        if guess:
            return self.explained(exchange, self._wrong, reason)
        exchange.error_detail = reason
        return unauthenticated(self._wrong, self._challenge)

    def explained(self, exchange: Exchange, detail: str, reason: str = "") -> Unauthenticated:
        """The same, with a detail that helps whoever writes the client, and no one else."""
        self._failures.failed(exchange.request.client.address)
        exchange.error_detail = reason or detail
        return unauthenticated(detail, self._challenge)

    def accept(self, exchange: Exchange, identity: Identity) -> None:
        """They are right. Raises Unauthenticated when others on the same request belong to somebody else."""
        accept(exchange, identity, self._challenge)
