"""Filter `content_types`: refuses bodies of other media types with 415. Not for looking into bodies."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError
from app.domain.policies.media_types import MediaTypes

NAME: Final = "content_types"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `content_types`."""

    allow: Annotated[tuple[str, ...], Meta(min_length=1)]
    """`application/json`, or `image/*`."""
    missing: Literal["deny", "allow"] = "deny"
    """What becomes of a body without Content-Type."""


class ContentTypesFilter:
    """One `content_types` step."""

    __slots__ = ("_accept", "_missing", "_types")

    def __init__(self, options: Options) -> None:
        """Raises ValueError for what is no media type."""
        self._types: Final = MediaTypes(options.allow)
        self._missing: Final = options.missing == "allow"
        self._accept: Final = ", ".join(options.allow).lower().encode()

    def on_request(self, exchange: Exchange) -> None:
        """Raises DownstreamError (415) that lists what is taken (RFC 9110 sections 12.5.1 and 15.5.16)."""
        request = exchange.request
        if request.length == 0:
            return
        content_type = request.fields.get(b"content-type")
        if content_type is not None:
            if not self._types.accepts(content_type) or _is_joined(content_type, request):
                raise self._refused("a body of this media type is not taken here")
        elif not self._missing:
            self._without_type(request)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""

    def _without_type(self, request: Request) -> None:
        """Over HTTP/2 only the end of a stream tells that there is no body: then there must be none."""
        if request.length is None and request.version >= "2" and not isinstance(request.body, bytes):
            request.body.limit_to(0)
            return
        raise self._refused("the body's media type is not named")

    def _refused(self, why: str) -> DownstreamError:
        return DownstreamError(
            why,
            status=415, code="media_type_not_allowed", title="Unsupported media type",
            headers=[(b"accept", self._accept)],
        )  # fmt: skip


def _is_joined(content_type: bytes, request: Request) -> bool:
    """Whether it stands in several fields, of which the service may take another one. Parameters may hold commas."""
    return b"," in content_type and sum(name == b"content-type" for name, _ in request.headers) > 1


def build(options: object, _: Tools, __: Place) -> ContentTypesFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    return ContentTypesFilter(read(options, Options))


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    return f"only {', '.join(decoded.allow)}{', or none named' if decoded.missing == 'allow' else ''}"


def _problems(options: object) -> list[str]:
    found = []
    for index, text in enumerate(read(options, Options).allow):
        try:
            MediaTypes([text])
        except ValueError as error:
            found.append(f"allow[{index}]: {error}")
    return found


KIND: Final = Kind(build, describe, _problems, shared=True)
