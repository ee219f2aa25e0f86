"""What a route writes below `rate_limit`, and what is wrong with that. Not for any request: the filter.

A module of its own: mypyc drops the options of Structs, so that filters are compiled without them.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from app.application.services import limit_options
from app.application.services.limit_asker import Failure, Scope
from app.application.services.limit_options import By
from app.domain.entities.limit import Algorithm
from app.domain.entities.units import Rate
from app.domain.policies.rate_limit_fields import Style
from app.domain.policies.rate_limits import problem_of


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `rate_limit`."""

    rate: str | tuple[str, ...]
    """One rate, `100/min`, or several, all of which hold."""
    burst: Annotated[int, Meta(ge=0)] = 0
    """gcra: requests that may come at once; the count of the rate when 0."""
    by: By = "address"
    """What is counted apart."""
    algorithm: Algorithm | None = None
    """gcra for rates of a second, minute or hour and quota for those of a day or month, when it is not said."""
    cost: Annotated[int, Meta(ge=1)] = 1
    """What a request counts for."""
    scope: Scope = "host"
    on_store_failure: Failure = "local"
    """Of scope cluster."""
    shadow: bool = False
    headers: Style = "draft"


def rates(options: Options) -> tuple[str, ...]:
    """As a list."""
    return (options.rate,) if isinstance(options.rate, str) else options.rate


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    found = limit_options.problems(options.by)
    if not rates(options):
        found.append("rate: expected a rate such as 100/min")
    for text in rates(options):
        try:
            reason = problem_of(Rate.parse(text), options.burst, options.cost, options.algorithm)
        except ValueError as error:
            reason = str(error)
        if reason:
            found.append(f"rate: {reason}")
    return found
