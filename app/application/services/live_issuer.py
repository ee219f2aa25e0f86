"""One issuer at work: who a token is about, remembered or found out anew. Not for where its keys come from."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Final

from app.application.services.token_memory import RefusedTokens, TokenMemory
from app.application.tools import Consumers
from app.domain.entities.identity import Identity
from app.domain.entities.issuer import Issuer
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.policies.token_claims import Claims, scopes_of
from app.domain.policies.token_rules import TokenRules
from app.domain.policies.token_text import LONGEST, TokenText, name_of, parse
from app.domain.ports import Clock
from app.domain.token_ports import KeySource, TokenVerifier
from app.domain.token_refusals import TokenRefused

RETRY_AFTER: Final = 5
"""Seconds after which whoever could not be judged may ask again."""


_Wanted = tuple[str, str | None]
"""Algorithm and key id, as a token's header has them."""


class _Basis:
    """What tokens are judged by."""

    __slots__ = ("rules", "source")

    def __init__(self, rules: TokenRules, source: KeySource) -> None:
        self.rules: Final = rules
        self.source: Final = source

    def verifier(self, wanted: _Wanted) -> TokenVerifier | None:
        keys = self.source.keys
        return None if keys is None else keys.find(wanted[1], wanted[0])


class LiveIssuer:
    """`tools.TokenIssuer`. The same object for as long as the gateway runs; what it goes by changes."""

    __slots__ = (
        "_basis", "_consumers", "_consumers_version", "_era", "_id", "_keys_version", "_memory", "_refused", "_wall",
    )  # fmt: skip

    def __init__(self, id_: str, consumers: Consumers, memory: TokenMemory, wall: Clock) -> None:
        self._id: Final = id_
        self._consumers: Final = consumers
        self._memory: Final = memory
        self._wall: Final = wall
        self._refused: Final = RefusedTokens()
        self._basis: _Basis | None = None
        self._forget()

    @property
    def source(self) -> KeySource | None:
        """Of its keys; None while there is no such issuer."""
        return None if self._basis is None else self._basis.source

    def become(self, issuer: Issuer, source: KeySource) -> None:
        """Go by this from now on."""
        self._basis = _Basis(TokenRules(issuer), source)
        self._forget()

    def end(self) -> None:
        """The configuration has no issuer of this id any more."""
        self._basis = None
        self._forget()

    def _forget(self) -> None:
        """Whatever was found out before counts no more; what is left of it makes room when that is needed."""
        self._era = self._memory.new_era()
        self._refused.clear()
        self._consumers_version = self._consumers.version
        self._keys_version = -1 if self._basis is None else self._basis.source.version

    def identify(self, token: bytes) -> Identity | Awaitable[Identity]:
        """See TokenIssuer; raises TokenRefused, which says more to the operator."""
        basis = self._live()
        if len(token) > LONGEST:
            raise TokenRefused(f"the token is malformed: longer than {LONGEST} bytes")
        if basis.source.version != self._keys_version or self._consumers.version != self._consumers_version:
            self._forget()
        digest = sha256(token).digest() + self._era
        found = self._memory.get(digest, self._wall())
        if found is not None:
            return found
        refused = self._refused.get(digest)
        if refused is not None:
            raise TokenRefused(refused[0], foreign=refused[1], lasting=True)
        try:
            with _faults_of_token():
                return self._judge(token, basis)
        except TokenRefused as error:
            if error.lasting:
                self._refused.put(digest, error.reason, foreign=error.foreign)
            raise

    def _live(self) -> _Basis:
        if self._basis is None:
            raise _unavailable(f"issuer {self._id} is not in the configuration")
        return self._basis

    def _judge(self, token: bytes, basis: _Basis) -> Identity | Awaitable[Identity]:
        text, wanted = _read(token, basis.rules)
        verify = basis.verifier(wanted)
        if verify is not None:
            return self._decide(token, text, verify, basis.rules)
        more = basis.source.more()
        if more is None:
            raise self._no_key(wanted, basis.source)
        return self._later(token, more)

    async def _later(self, token: bytes, more: Awaitable[None]) -> Identity:
        """Judge by what there is after waiting: rules may have changed as well as keys. Nobody waits twice."""
        await more
        basis = self._live()
        with _faults_of_token():
            text, wanted = _read(token, basis.rules)
            verify = basis.verifier(wanted)
            if verify is None:
                raise self._no_key(wanted, basis.source)
            return self._decide(token, text, verify, basis.rules)

    def _no_key(self, wanted: _Wanted, source: KeySource) -> GatewayError:
        algorithm, kid = wanted
        if source.keys is None:
            return _unavailable(f"there are no keys of issuer {self._id}")
        named = "the token names no key, and not exactly one fits" if kid is None else f"no key {kid[:64]!r} that fits"
        return TokenRefused(f"{named} {algorithm}")

    def _decide(self, token: bytes, text: TokenText, verify: TokenVerifier, rules: TokenRules) -> Identity:
        if not verify(text.signed, text.signature):
            raise TokenRefused("the signature does not hold", lasting=True)
        span = rules.claims(text.claims, self._wall())
        identity = self._identity(token, text.claims)
        # Not beyond `exp`: for as long as the leeway lasts after it, each use is judged anew.
        remembered = span._replace(closes=float(text.claims["exp"]))
        self._memory.put(sha256(token).digest() + self._era, identity, remembered, len(token))
        return identity

    def _identity(self, token: bytes, claims: Claims) -> Identity:
        subject = claims["sub"]
        known = self._consumers.by_subject(self._id, subject)
        entity = None if known is None else known.consumer
        id_ = f"{self._id}:{subject}" if known is None else known.id
        return Identity(id_, "jwt", name_of(token), entity, scopes_of(claims), claims)


def _unavailable(why: str) -> GatewayRefusal:
    return GatewayRefusal(why, code="issuer_unavailable", title="Tokens cannot be checked now", retry_after=RETRY_AFTER)


def _read(token: bytes, rules: TokenRules) -> tuple[TokenText, _Wanted]:
    text = parse(token)
    wanted = rules.header(text.header)
    rules.origin(text.claims)
    return text, wanted


@contextmanager
def _faults_of_token() -> Iterator[None]:
    """Whatever a token makes go wrong is the token's fault, never an error of the gateway (A-59)."""
    try:
        yield
    except GatewayError:
        raise
    except Exception as error:
        raise TokenRefused(f"the token cannot be judged: {type(error).__name__}") from None
