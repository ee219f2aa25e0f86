"""Filter `signature`: knows a consumer by its signature of the request (RFC 9421). Not for signing.

The request is what the gateway read: the path in its canonical form, the query and fields as earlier filters left them.
"""

import hashlib
from collections.abc import Awaitable
from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.services.credential_gate import CredentialGate
from app.application.services.whole_body import read_whole
from app.application.tools import Known, Tools
from app.domain.entities.consumer import SignatureKey
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.entities.units import Duration, Size
from app.domain.policies.challenges import challenge
from app.domain.policies.content_digest import check_digest
from app.domain.policies.http_signatures import RequestView, component_problem, signature_base
from app.domain.policies.http_signatures_reading import Presented, Terms, check_terms, read_signatures

NAME: Final = "signature"

DIGEST: Final = "content-digest"
_SCHEMES: Final = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `signature`."""

    required: tuple[str, ...] = ("@method", "@authority", "@path", "@query", DIGEST)
    """Components that must be covered; `content-digest` where the request has a body."""
    max_age: Duration = Duration(60)
    """How old a signature may be."""
    leeway: Duration = Duration(5)
    """By how much clocks may differ."""
    label: str = ""
    """Label of the signature that counts; empty for the first whose key is known."""
    tag: str = ""
    """Tag that it must have; empty for any or none."""
    nonce: bool = False
    """Whether it must have a nonce, so that a request counts once. One that is there counts once anyhow."""
    max_body: Size = Size(1024 * 1024)
    """Largest body whose digest is signed: it is read before the service gets any of it."""
    optional: bool = False
    """Whether requests without a signature pass."""


class SignatureFilter:
    """One `signature` step."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self._label: Final = options.label
        self._terms: Final = Terms(
            options.required, float(options.max_age), float(options.leeway), options.nonce, options.tag
        )
        self._max_body: Final = int(options.max_body)
        self._tools: Final = tools
        ask = challenge("Signature", realm="gateway", components=" ".join(options.required))
        self._gate: Final = CredentialGate(tools.failures, ask, "a signature", optional=options.optional)

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Find out whose signature it is. Raises Unauthenticated and LimitExceeded, and BodyTooLarge when awaited."""
        fields = exchange.request.fields
        described, signed = fields.get(b"signature-input"), fields.get(b"signature")
        if described is None and signed is None:
            self._gate.absent()
            return None
        self._gate.enter(exchange)
        try:
            found = read_signatures(described or b"", signed or b"", self._label)
            one, known, key = self._known(exchange, found)
            check_terms(one, self._terms, self._tools.wall(), body=exchange.request.length != 0)
            base = signature_base(one.components, _view(exchange.request), one.params)
        except ValueError as error:
            raise self._gate.explained(exchange, str(error)) from None
        self._check(exchange, one, key, base)
        credential = hashlib.sha256(key.id.encode()).hexdigest()[:16]
        identity = Identity(known.id, NAME, credential, known.consumer)
        if DIGEST in one.components:
            return self._with_body(exchange, identity)
        self._gate.accept(exchange, identity)
        return None

    def _known(self, exchange: Exchange, found: list[Presented]) -> tuple[Presented, Known, SignatureKey]:
        """The first signature whose key is known, with the key and whose it is."""
        for one in found:
            whose = self._tools.consumers.by_signature_key(one.text("keyid"))
            if whose is not None:
                return one, *whose
        raise self._gate.refusal(exchange, "no key of the signatures is known")

    def _check(self, exchange: Exchange, one: Presented, key: SignatureKey, base: bytes) -> None:
        """Raises Unauthenticated for a wrong signature, and for one that was taken before."""
        if one.text("alg") not in ("", key.algorithm):
            raise self._gate.refusal(exchange, f"the signature is not of the algorithm of key {key.id}")
        if not self._tools.signature_keys.verify(key, base, one.signature):
            raise self._gate.refusal(exchange, f"the signature is not one by key {key.id}")
        nonce = one.text("nonce")
        # As long as a signature counts, and as its creation may lie ahead.
        seconds = self._terms.max_age + 2 * self._terms.leeway
        if nonce and not self._tools.nonces.take(key.id, nonce, seconds):
            raise self._gate.refusal(exchange, f"a nonce of key {key.id} came again")

    async def _with_body(self, exchange: Exchange, identity: Identity) -> None:
        body = await read_whole(exchange.request, self._max_body)
        try:
            check_digest(exchange.request.fields[DIGEST.encode()].decode("latin-1"), body)
        except ValueError as error:
            raise self._gate.explained(exchange, str(error)) from None
        self._gate.accept(exchange, identity)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change."""


def _view(request: Request) -> RequestView:
    scheme = _SCHEMES[request.scheme]
    return RequestView(request.method, scheme, request.authority, request.path, request.query, request.headers)


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    found = []
    for index, name in enumerate(options.required):
        problem = component_problem(name)
        if problem:
            found.append(f"required[{index}]: {name!r} {problem}")
    if not 1 <= options.max_age <= 3600:
        found.append(f"max_age: expected 1s to 1h, got {options.max_age}")
    if options.leeway > 60:
        found.append(f"leeway: expected at most 60s, got {options.leeway}")
    return found


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    return f"covers {' '.join(decoded.required)}{', optional' if decoded.optional else ''}"


def build(options: object, tools: Tools, _: Place) -> SignatureFilter:
    """The filter that `options`, as read from a file, describe."""
    return SignatureFilter(read(options, Options), tools)


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), identifies=True)
