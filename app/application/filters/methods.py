"""Filter `methods`: refuses other methods with 405. Not for choosing a route: that is `match.methods`."""

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError

NAME: Final = "methods"

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Z-]+")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `methods`."""

    allow: Annotated[tuple[str, ...], Meta(min_length=1)]
    """In capitals. HEAD is not in GET: name both."""


class MethodsFilter:
    """One `methods` step."""

    __slots__ = ("_allow", "_listed")

    def __init__(self, allow: tuple[str, ...]) -> None:
        self._allow: Final = frozenset(allow)
        self._listed: Final = ", ".join(allow).encode()

    def on_request(self, exchange: Exchange) -> None:
        """Raises DownstreamError (405) that lists what is allowed (RFC 9110 section 15.5.6)."""
        method = exchange.request.method
        if method not in self._allow:
            raise DownstreamError(
                f"method {method} is not allowed here",
                status=405, code="method_not_allowed", title="Method not allowed", headers=[(b"allow", self._listed)],
            )  # fmt: skip

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""


def build(options: object, _: Tools, __: Place) -> MethodsFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = _problems_of(decoded)
    if found:
        raise ValueError(found[0])
    return MethodsFilter(decoded.allow)


def describe(options: object) -> str:
    """What the step does, in one line."""
    return f"only {', '.join(read(options, Options).allow)}"


def _problems_of(options: Options) -> list[str]:
    return [
        f"allow[{index}]: {text!r} is no method in capitals"
        for index, text in enumerate(options.allow)
        if not _TOKEN.fullmatch(text)
    ]


KIND: Final = Kind(build, describe, lambda options: _problems_of(read(options, Options)), shared=True)
