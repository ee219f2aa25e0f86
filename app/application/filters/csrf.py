"""Filter `csrf`: refuses what another site may have made a visitor's browser send. Not for clients without cookies."""

from typing import Final

import msgspec

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.policies import origins
from app.domain.policies.cross_site import may_be_forged
from app.domain.refusals import Forbidden

NAME: Final = "csrf"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `csrf`."""

    origins: tuple[str, ...] = ()
    """Origins that are trusted besides the one that the request itself goes to."""


class CsrfFilter:
    """One `csrf` step."""

    __slots__ = ("_origins",)

    def __init__(self, trusted: origins.Origins) -> None:
        self._origins: Final = trusted

    def on_request(self, exchange: Exchange) -> None:
        """Raises Forbidden (403)."""
        if may_be_forged(exchange.request, self._origins):
            raise Forbidden("the request may come from a page of another site", code="cross_site_request")

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""


def build(options: object, _: Tools, __: Place) -> CsrfFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = _problems_of(decoded)
    if found:
        raise ValueError(found[0])
    return CsrfFilter(origins.Origins(decoded.origins))


def describe(options: object) -> str:
    """What the step does, in one line."""
    return f"only from {', '.join(['its own pages', *read(options, Options).origins])}"


def _problems_of(options: Options) -> list[str]:
    found = []
    for index, text in enumerate(options.origins):
        wrong = "would trust every site" if text == origins.ANY else origins.problem_of(text)
        if wrong:
            found.append(f"origins[{index}]: {text!r} {wrong}")
    return found


KIND: Final = Kind(build, describe, lambda options: _problems_of(read(options, Options)), shared=True)
