"""Filter `jwt`: knows who is asking by a signed token (RFC 7519, RFC 6750). Not for judging it: issuers do."""

from collections.abc import Awaitable
from typing import Final, NoReturn

from app.application.kinds import Kind, Place, Reference, read
from app.application.services.credential_gate import CredentialGate
from app.application.services.several_issuers import SeveralIssuers
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.policies import token_options
from app.domain.policies.challenges import AUTHENTICATE, challenge
from app.domain.policies.forwarding import drop_named
from app.domain.policies.identities import remove_fields
from app.domain.policies.token_fields import ClaimFields
from app.domain.policies.token_options import Options
from app.domain.policies.token_places import AUTHORIZATION, BearerPlace, CookiePlace, FieldPlace, QueryPlace, TokenPlace
from app.domain.policies.token_requirements import Requirements
from app.domain.policies.token_text import name_of
from app.domain.refusals import Forbidden
from app.domain.token_refusals import TokenRefused

NAME: Final = "jwt"

_INVALID: Final = "the token is malformed, expired, or not valid here"


class JwtFilter:
    """One `jwt` step."""

    def __init__(self, options: Options, tools: Tools) -> None:
        found = [tools.issuers.issuer(id_) for id_ in options.issuers]
        self._issuer: Final = found[0] if len(found) == 1 else SeveralIssuers(found)
        self._place: Final = _place(options)
        self._in_query: Final = bool(options.from_.query)
        # A token is never sent on in a URL: those are logged and passed on (RFC 6750 section 5.3).
        self._withhold: Final = self._in_query or not options.forward_token
        self._fields: Final = ClaimFields(options.forward_claims)
        self._tells: Final = bool(options.forward_claims)
        asked = options.require
        self._required: Final = Requirements(asked.scope, asked.claims) if asked.scope or asked.claims else None
        self._realm: Final = options.realm
        self._scope: Final = " ".join(options.require.scope)
        invalid = challenge("Bearer", realm=options.realm, error="invalid_token", error_description=_INVALID)
        what = "a bearer token"
        self._empty: Final = CredentialGate(
            tools.failures, challenge("Bearer", realm=options.realm), what, optional=options.optional
        )
        self._gate: Final = CredentialGate(tools.failures, invalid, what, optional=False)
        if options.from_.query:
            tools.redact(options.from_.query)

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Find out whom the token is about.

        Raises Unauthenticated (401), Forbidden (403), LimitExceeded (429) and GatewayRefusal (503).
        """
        if self._tells:
            self.strip(exchange)
        try:
            token = self._place.find(exchange.request)
            if token is None:
                self._empty.absent()
                return None
            self._gate.enter(exchange)
            found = self._issuer.identify(token)
        except TokenRefused as error:
            self._refuse(exchange, error)
        if isinstance(found, Identity):
            self._accept(exchange, found)
            return None
        return self._wait(exchange, found)

    async def _wait(self, exchange: Exchange, waiting: Awaitable[Identity]) -> None:
        try:
            identity = await waiting
        except TokenRefused as error:
            self._refuse(exchange, error)
        self._accept(exchange, identity)

    def _refuse(self, exchange: Exchange, error: TokenRefused) -> NoReturn:
        """Raises Unauthenticated. What is no guess does not count against its sender: an expired token, and one of
        another issuer, which the next method of `any_of` may be for."""
        guess = not (error.genuine or error.foreign)
        raise self._gate.refusal(exchange, error.reason, guess=guess) from None

    def _accept(self, exchange: Exchange, identity: Identity) -> None:
        self._gate.accept(exchange, identity)
        if self._required is not None and (unmet := self._required.unmet(identity)):
            exchange.error_detail = unmet
            raise self._insufficient()
        request = exchange.request
        if self._tells:
            told = self._fields.of(identity.claims)
            request.headers = request.headers + told
            request.fields.update(told)
        if self._withhold:
            self._place.remove(request)

    def _insufficient(self) -> Forbidden:
        """RFC 6750 section 3.1."""
        scope = {"scope": self._scope} if self._scope else {}
        ask = challenge("Bearer", realm=self._realm, error="insufficient_scope", **scope)
        return Forbidden("the token does not allow this", code="insufficient_scope", headers=[(AUTHENTICATE, ask)])

    def strip(self, exchange: Exchange) -> None:
        """Take out of the request what only this filter may tell the service: a client's own copies."""
        if self._tells:
            # A client must not be able to name, and so delete, what is added here (P-02).
            drop_named(exchange.request)
            remove_fields(exchange.request, self._fields.names)

    def withhold(self, exchange: Exchange) -> None:
        """Take the token out of the request, unless it is to be forwarded and is what proved who is asking.

        Services may take it for judged when they see one: where another method accepted, nobody has looked at it.
        """
        if self._withhold or not self._is_proof(exchange):
            self._place.remove(exchange.request)

    def _is_proof(self, exchange: Exchange) -> bool:
        identity = exchange.identity
        if identity is None or identity.method != NAME:
            return False
        try:
            token = self._place.find(exchange.request)
        except TokenRefused:
            return False
        return token is not None and name_of(token) == identity.credential

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Keep shared caches from storing what was answered to a token in a URL (RFC 6750 section 2.3)."""
        if self._in_query and all(name != b"cache-control" for name, _ in response.headers):
            response.headers = [*response.headers, (b"cache-control", b"private")]


def _place(options: Options) -> TokenPlace:
    place = options.from_
    if place.cookie:
        return CookiePlace(place.cookie)
    if place.query:
        return QueryPlace(place.query)
    if place.header.lower().encode() == AUTHORIZATION:
        return BearerPlace()
    return FieldPlace(place.header)


def build(options: object, tools: Tools, _: Place) -> JwtFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = token_options.problems(decoded)
    if found:
        raise ValueError(found[0])
    return JwtFilter(decoded, tools)


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    parts = [f"issuer {' or '.join(decoded.issuers)}, from {decoded.from_}"]
    if decoded.require.scope:
        parts.append(f"scope {' '.join(decoded.require.scope)}")
    if decoded.require.claims:
        parts.append(f"claims {', '.join(decoded.require.claims)}")
    if decoded.forward_claims:
        parts.append(f"forwards {', '.join(decoded.forward_claims)}")
    return ", ".join(parts) + (", optional" if decoded.optional else "")


def references(options: object) -> list[Reference]:
    """The issuers."""
    return [("issuers", id_) for id_ in read(options, Options).issuers]


KIND: Final = Kind(
    build, describe, lambda options: token_options.problems(read(options, Options)), references, identifies=True
)
