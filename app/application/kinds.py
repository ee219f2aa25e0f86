"""What a kind of filter is: its name, and what to do with the options that a route gives it. Not for any one kind."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from app.application.pipeline import Filter
from app.application.tools import Tools
from app.domain.entities.units import Duration, Rate, Share, Size

T = TypeVar("T")

Reference = tuple[str, str]
"""Section and id of an entity that options name."""


class Place(NamedTuple):
    """Where a filter stands."""

    where: str
    """What it is written in, `routes.users-api` or `chains.public-api`: what it counts is counted there."""
    step: str
    """Its place in that, `0` or `2.1`; unique and the same on every gateway."""
    route: str
    """Id of the route that runs it."""


class Kind(NamedTuple):
    """What the registry knows of a filter."""

    build: Callable[[object, Tools, Place], Filter]
    """Options as read from a file in, a step out. Raises ValueError."""
    describe: Callable[[object], str]
    """What the step does, in one line."""
    problems: Callable[[object], list[str]]
    """Everything wrong with the options, each with its place in front (`request.set: …`); raises
    msgspec.ValidationError when they have the wrong shape."""
    references: Callable[[object], list[Reference]] = lambda _: []
    """Entities that good options name: the route waits for them."""
    identifies: bool = False
    """Whether it finds out who is asking: what a consumer may do is asked right after the last that does."""
    shared: bool = False
    """Whether one filter does for all routes with the same options: it is made of these alone, and keeps nothing."""
    limits: Callable[[object, Place], list[str]] = lambda _, __: []
    """Names of the limits that the step counts by, as they stand in fields of answers."""


def read(options: object, kind: type[T]) -> T:
    """Options as the Struct `kind`. Raises msgspec.ValidationError."""
    return msgspec.convert(options, kind, dec_hook=_from_text)


_UNITS: Final = (Duration, Size, Share, Rate)


def _from_text(kind: type, value: object) -> Any:
    if issubclass(kind, _UNITS):
        return kind.parse(value)
    # Asked for types that msgspec does not know: one that is no unit is a mistake in our own options, not a user's.
    raise NotImplementedError(kind)
