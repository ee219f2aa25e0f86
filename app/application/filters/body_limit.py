"""Filter `body_limit`: refuses larger request bodies, before a byte or as soon as there is one too many.

Not for how slowly a body may come: that is a setting. Bodies are never decoded: what counts is what is sent (A-15).
"""

from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.entities.units import Size
from app.domain.refusals import BodyTooLarge

NAME: Final = "body_limit"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `body_limit`."""

    max: Size
    """The largest body."""


class BodyLimitFilter:
    """One `body_limit` step."""

    __slots__ = ("_most",)

    def __init__(self, most: int) -> None:
        self._most: Final = most

    def on_request(self, exchange: Exchange) -> None:
        """Raises BodyTooLarge (413) for a body that says that it is too large; one that does not say is counted."""
        request = exchange.request
        length = request.length
        if length is not None and length > self._most:
            raise BodyTooLarge(f"the request body has {length} bytes, and {self._most} are allowed")
        if not isinstance(request.body, bytes):
            request.body.limit_to(self._most)

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""


def build(options: object, _: Tools, __: Place) -> BodyLimitFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    return BodyLimitFilter(int(read(options, Options).max))


def describe(options: object) -> str:
    """What the step does, in one line."""
    return f"at most {read(options, Options).max}"


def _problems(options: object) -> list[str]:
    read(options, Options)
    return []


KIND: Final = Kind(build, describe, _problems, shared=True)
