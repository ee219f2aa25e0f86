"""Filter `certificate`: knows a consumer by its client certificate. Not for trusting authorities: TLS servers do."""

from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.services.credential_gate import CredentialGate
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.policies.challenges import challenge

NAME: Final = "certificate"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `certificate`."""

    optional: bool = False
    """Whether requests without a certificate pass."""


class CertificateFilter:
    """One `certificate` step."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self._consumers: Final = tools.consumers
        self._read: Final = tools.certificate
        self._wall: Final = tools.wall
        ask = challenge("Certificate", realm="gateway")
        self._gate: Final = CredentialGate(tools.failures, ask, "a client certificate", optional=options.optional)

    def on_request(self, exchange: Exchange) -> None:
        """Find out whose certificate it is. Raises Unauthenticated and LimitExceeded.

        TLS has verified it, so that nobody can guess: one of nobody, or out of its time, does not count as a failure.
        """
        der = exchange.request.client.certificate
        if not der:
            self._gate.absent()
            return
        self._gate.enter(exchange)
        facts = self._read(der)
        if facts is None:
            raise self._gate.refusal(exchange, "the client certificate cannot be read")
        if not facts.valid_from <= self._wall() <= facts.valid_until:
            raise self._gate.refusal(exchange, "the client certificate is not valid at this time", guess=False)
        known = self._consumers.by_certificate(facts.sha256, facts.subject, facts.dns)
        if known is None:
            raise self._gate.refusal(exchange, "the client certificate belongs to no consumer", guess=False)
        self._gate.accept(exchange, Identity(known.id, NAME, facts.sha256[:16], known.consumer))

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change."""


def describe(options: object) -> str:
    """What the step does, in one line."""
    return "optional" if read(options, Options).optional else "required"


def problems(options: object) -> list[str]:
    """Nothing but the wrong shape can be wrong with the options. Raises msgspec.ValidationError."""
    read(options, Options)
    return []


def build(options: object, tools: Tools, _: Place) -> CertificateFilter:
    """The filter that `options`, as read from a file, describe."""
    return CertificateFilter(read(options, Options), tools)


KIND: Final = Kind(build, describe, problems, identifies=True)
