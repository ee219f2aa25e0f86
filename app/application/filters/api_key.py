"""Filter `api_key`: knows a consumer by a secret word in a field or a query. Not for keys in clear: there are none."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_plus

from app.application.filters.options.api_key import Options, problems
from app.application.kinds import Kind, Place, read
from app.application.services.credential_gate import CredentialGate
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.policies import api_keys
from app.domain.policies.challenges import challenge
from app.domain.policies.identities import remove_fields

NAME: Final = "api_key"

_CREDENTIAL: Final = 16


class ApiKeyFilter:
    """One `api_key` step."""

    def __init__(self, options: Options, tools: Tools) -> None:
        self._header: Final = options.header.lower().encode()
        self._query: Final = options.query
        self._forward: Final = options.forward
        self._consumers: Final = tools.consumers
        self._wall: Final = tools.wall
        ask = challenge("ApiKey", realm="gateway", header=options.header.lower())
        self._gate: Final = CredentialGate(tools.failures, ask, "an API key", optional=options.optional)
        if options.query:
            tools.redact(options.query)

    def on_request(self, exchange: Exchange) -> None:
        """Find out whose key it is. Raises Unauthenticated and LimitExceeded."""
        key = self._find(exchange.request)
        if key is None:
            self._gate.absent()
            return
        self._gate.enter(exchange)
        digest = api_keys.digest(key)
        found = self._consumers.by_key(digest)
        if found is None:
            raise self._gate.refusal(exchange, "the API key is unknown" if digest else "the API key is malformed")
        known, stored = found
        if not api_keys.holds(stored, digest, self._wall()):
            raise self._gate.refusal(exchange, f"an API key of consumer {known.id} has expired")
        self._gate.accept(exchange, Identity(known.id, NAME, digest[:_CREDENTIAL], known.consumer))
        if not self._forward:
            self._remove(exchange.request)

    def withhold(self, exchange: Exchange) -> None:
        """Take the key out of the request, unless it is to be forwarded and is what proved who is asking.

        Services may take it for judged when they see one: where another method accepted, nobody has looked at it.
        """
        if not (self._forward and self._is_proof(exchange)):
            self._remove(exchange.request)

    def _is_proof(self, exchange: Exchange) -> bool:
        identity, key = exchange.identity, self._find(exchange.request)
        if identity is None or identity.method != NAME or key is None:
            return False
        return api_keys.digest(key)[:_CREDENTIAL] == identity.credential

    def _find(self, request: Request) -> bytes | None:
        """The key that counts: a field comes before the query."""
        key = request.fields.get(self._header)
        if key is None and self._query and request.query:
            return _from_query(request.query, self._query)
        return key

    def _remove(self, request: Request) -> None:
        remove_fields(request, (self._header,))
        if self._query and request.query:
            _remove_from_query(request, self._query)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change."""


def _from_query(query: str, name: str) -> bytes | None:
    """The key in a query; one that stands there twice is none that is known."""
    found = [value for key, value in _pairs(query) if unquote_plus(key) == name]
    if not found:
        return None
    return unquote_plus(found[0]).encode(errors="replace") if len(found) == 1 else b""


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for piece in query.split("&"):
        key, _, value = piece.partition("=")
        yield key, value


def _remove_from_query(request: Request, name: str) -> None:
    pieces = request.query.split("&")
    kept = [piece for piece in pieces if unquote_plus(piece.partition("=")[0]) != name]
    if len(kept) != len(pieces):
        request.query = "&".join(kept)


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    places = f"field {decoded.header.lower()}" + (f" or query {decoded.query}" if decoded.query else "")
    return f"{places}{', optional' if decoded.optional else ''}"


def build(options: object, tools: Tools, _: Place) -> ApiKeyFilter:
    """The filter that `options`, as read from a file, describe."""
    return ApiKeyFilter(read(options, Options), tools)


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), identifies=True)
