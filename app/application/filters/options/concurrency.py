"""What a route writes below `concurrency`. Not for any request: the filter.

A module of its own: mypyc drops the options of Structs, so that filters are compiled without them.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from app.application.services.limit_options import By


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `concurrency`."""

    max: Annotated[int, Meta(ge=1, le=65_535)]
    """Requests, and WebSockets, that may be under way."""
    by: By = "address"
    """What is counted apart."""
