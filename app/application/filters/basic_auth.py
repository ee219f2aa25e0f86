"""Filter `basic`: knows a consumer by user name and password (RFC 7617). Not for hashing: that needs threads."""

import asyncio
import hashlib
from collections.abc import Awaitable
from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.services.credential_gate import CredentialGate
from app.application.tools import Known, Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.policies import basic_credentials
from app.domain.policies.challenges import challenge
from app.domain.policies.identities import remove_fields

NAME: Final = "basic"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `basic`."""

    realm: str = "gateway"
    """What browsers show when they ask for the password."""
    forward: bool = False
    """Whether the service sees the password."""
    optional: bool = False
    """Whether requests without credentials of this scheme pass."""


class BasicFilter:
    """One `basic` step."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self._forward: Final = options.forward
        self._consumers: Final = tools.consumers
        self._passwords: Final = tools.passwords
        ask = challenge("Basic", realm=options.realm, charset="UTF-8")
        self._gate: Final = CredentialGate(
            tools.failures, ask, "a user name with a password", optional=options.optional
        )

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Find out whose password it is. Raises Unauthenticated and LimitExceeded."""
        encoded = basic_credentials.presented(exchange.request.fields.get(b"authorization"))
        if encoded is None:
            self._gate.absent()
            return None
        self._gate.enter(exchange)
        try:
            username, password = basic_credentials.read(encoded)
        except ValueError as error:
            raise self._gate.refusal(exchange, f"the Basic credentials are malformed: {error}") from None
        found = self._consumers.by_name(username)
        right = self._passwords.verify(password, "" if found is None else found[1].password)
        known = None if found is None else found[0]
        if isinstance(right, bool):
            self._decide(exchange, username, known, right=right)
            return None
        return self._wait(exchange, username, known, right)

    async def _wait(self, exchange: Exchange, username: str, known: Known | None, right: Awaitable[bool]) -> None:
        try:
            found = await right
        except asyncio.CancelledError:
            # Else guesses whose sender goes away would cost their hashes, and never be counted.
            self._gate.refusal(exchange, "the client left while its password was checked")
            raise
        self._decide(exchange, username, known, right=found)

    def _decide(self, exchange: Exchange, username: str, known: Known | None, *, right: bool) -> None:
        if known is None or not right:
            # Never the name: people type their password there.
            reason = "the user name is unknown" if known is None else f"wrong password for consumer {known.id}"
            raise self._gate.refusal(exchange, reason)
        credential = hashlib.sha256(username.encode()).hexdigest()[:16]
        self._gate.accept(exchange, Identity(known.id, NAME, credential, known.consumer))
        if not self._forward:
            remove_fields(exchange.request, (b"authorization",))

    def withhold(self, exchange: Exchange) -> None:
        """Take the password out of the request, unless it is to be forwarded and is what proved who is asking.

        Services may take the name for proved when they see one: where another method accepted, nobody has looked.
        """
        proved = exchange.identity is not None and exchange.identity.method == NAME
        fields = exchange.request.fields
        if not (self._forward and proved) and basic_credentials.presented(fields.get(b"authorization")) is not None:
            remove_fields(exchange.request, (b"authorization",))

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change."""


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    realm = options.realm
    if not realm or not (realm.isascii() and realm.isprintable()):
        return [f"realm: expected printable ASCII, got {realm!r}"]
    return []


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    return f"realm {decoded.realm}{', optional' if decoded.optional else ''}"


def build(options: object, tools: Tools, _: Place) -> BasicFilter:
    """The filter that `options`, as read from a file, describe."""
    return BasicFilter(read(options, Options), tools)


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), identifies=True)
