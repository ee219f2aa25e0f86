"""What is known of filters without making them, as one value: for those who judge and explain. Not for building."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.application.kinds import Place, Reference

Entry = Mapping[str, Any]
"""One entry of `filters`, without mistakes."""


class FilterFacts(NamedTuple):
    """Answers for one entry."""

    references: Callable[[Entry], list[Reference]]
    """The entities that it names."""
    describe: Callable[[Entry], str]
    """It in one line."""
    identifies: Callable[[Entry], bool]
    """Whether it finds out who is asking."""
    limits: Callable[[Entry, Place], list[str]]
    """Names of the limits that it counts by."""
