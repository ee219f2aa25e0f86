"""Which route answers a browser that asks before it sends (Fetch standard, section 3.2.2). Not for what is answered.

A preflight has the method OPTIONS, and names the one that will be used: it belongs to the route of that one, if the
route answers preflights at all.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from app.domain.entities.chain import Chain
from app.domain.entities.request import Request
from app.domain.policies.chains import USE, expand
from app.domain.policies.routing import CompiledRoute, RouteTable

FILTER: Final = "cors"
"""Name of the filter that answers them."""
_ASKED: Final = b"access-control-request-method"


def asked_method(request: Request) -> str:
    """The method that a browser asks for before it uses it; empty for what is no preflight."""
    if request.method != "OPTIONS" or b"origin" not in request.fields:
        return ""
    return request.fields.get(_ASKED, b"").decode("latin-1")


def answers_preflights(filters: Iterable[Mapping[str, Any]], chains: Mapping[str, Chain]) -> bool:
    """Whether a route of these filters answers them. Raises ValueError for chains that cannot be used."""
    entries = list(filters)
    if not any(USE in entry for entry in entries):  # most routes, and much faster
        return any(FILTER in entry for entry in entries)
    return any(FILTER in step.entry for step in expand("", entries, chains))


@contextmanager
def sent_as(request: Request, method: str) -> Iterator[None]:
    """Give a request another method for as long as the block runs; nothing may be awaited in it."""
    before, request.method = request.method, method
    try:
        yield
    finally:
        request.method = before


def match_preflight(
    table: RouteTable, request: Request, answering: Container[str]
) -> tuple[CompiledRoute, dict[str, str]] | None:
    """The route of a preflight, with its parameters, if it is one of `answering`; None for what is no preflight.

    Where the route depends on fields that a preflight does not carry, there is none.
    """
    asked = asked_method(request)
    if not asked:
        return None
    with sent_as(request, asked):
        found = table.match(request)
    return found if found is not None and found[0].id in answering else None
