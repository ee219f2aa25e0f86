"""Filter `cors`: lets pages of other origins read answers, and answers their preflights. Not for WebSockets.

It stands before filters that ask who is asking: browsers send no credentials with a preflight.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.entities.units import Duration
from app.domain.errors import GatewayError
from app.domain.policies import origins
from app.domain.policies.cors import WRITTEN, Cors, Sharing
from app.domain.policies.preflights import FILTER, asked_method
from app.domain.refusals import Forbidden

NAME: Final = FILTER

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `cors`."""

    origins: Annotated[tuple[str, ...], Meta(min_length=1)]
    """`https://app.example.com`, `https://*.example.com` for every name below it, `*`, or `null`."""
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    headers: tuple[str, ...] = ("authorization", "content-type")
    """Request fields that scripts may set; `*` allows all."""
    expose: tuple[str, ...] = ()
    """Response fields that scripts may read."""
    credentials: bool = False
    """Whether browsers send cookies along, and show the answer."""
    max_age: Duration = Duration(600)
    """How long a browser may remember a preflight."""
    private_network: bool = False
    """Whether public sites may ask a gateway in a private network."""


class CorsFilter:
    """One `cors` step. Implements SeesErrors: a page may read why it was refused."""

    __slots__ = ("_cors",)

    def __init__(self, cors: Cors) -> None:
        self._cors: Final = cors

    def on_request(self, exchange: Exchange) -> Response | None:
        """Answer a preflight. Raises Forbidden for one of an origin that is not listed."""
        if not asked_method(exchange.request):
            return None
        fields = self._cors.preflight(exchange.request)
        if fields is None:
            raise Forbidden("this origin is not allowed here", code="origin_not_allowed", title="Origin not allowed")
        return Response(204, fields)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Write the fields anew, whatever the service wrote."""
        request = exchange.request
        if request.scheme[0] == "w" or asked_method(request):
            return
        response.headers = [field for field in response.headers if field[0] not in WRITTEN]
        self._cors.add(response.headers, request.fields.get(b"origin"))

    def on_error(self, exchange: Exchange, error: GatewayError) -> None:
        """Add the fields to a refusal."""
        if exchange.request.scheme[0] != "w":
            # Those of another step of this kind: browsers take no answer that has them twice.
            error.headers = [field for field in error.headers if field[0] not in WRITTEN]
            self._cors.add(error.headers, exchange.request.fields.get(b"origin"))


def build(options: object, _: Tools, __: Place) -> CorsFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = problems(decoded)
    if found:
        raise ValueError(found[0])
    return CorsFilter(
        Cors(
            Sharing(
                decoded.origins,
                decoded.methods,
                decoded.headers,
                decoded.expose,
                decoded.credentials,
                int(decoded.max_age),
                decoded.private_network,
            )
        )
    )


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    with_credentials = " with credentials" if decoded.credentials else ""
    return f"shared with {', '.join(decoded.origins)}{with_credentials}"


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    return [*_wrong_origins(options), *_wrong_names(options)]


def _wrong_origins(options: Options) -> Iterator[str]:
    for index, text in enumerate(options.origins):
        wrong = origins.problem_of(text)
        if wrong:
            yield f"origins[{index}]: {text!r} {wrong}"
    if origins.ANY in options.origins:
        if len(options.origins) > 1:
            yield "origins: * stands for every origin: name nothing beside it"
        if options.credentials:
            yield "origins: * with credentials would let every site act for its visitors: name the origins"


def _wrong_names(options: Options) -> Iterator[str]:
    for name in ("methods", "headers", "expose"):
        for index, text in enumerate(getattr(options, name)):
            if not _TOKEN.fullmatch(text):
                yield f"{name}[{index}]: {text!r} is no name"
    if options.credentials and "*" in options.expose:
        yield "expose: * means nothing to browsers with credentials: write the names"


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)), shared=True)
