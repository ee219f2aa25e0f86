"""Filter `request_limits`: refuses requests with more, or longer, parts than a route needs.

Not for the limits that hold before a route is known: those are settings, and these can only be stricter.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.application.kinds import Kind, Place, read
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.entities.units import Size
from app.domain.errors import DownstreamError

NAME: Final = "request_limits"

Count = Annotated[int, Meta(ge=0)]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `request_limits`. What is left out is not limited here."""

    max_fields: Count | None = None
    """Fields of a request, those of one name counted one by one."""
    max_field_bytes: Size | None = None
    """The longest field, its name and value together."""
    max_path_bytes: Size | None = None
    max_query_bytes: Size | None = None
    max_query_parameters: Count | None = None


class RequestLimitsFilter:
    """One `request_limits` step."""

    __slots__ = ("_field", "_fields", "_parameters", "_path", "_query")

    def __init__(self, options: Options) -> None:
        self._fields: Final = options.max_fields
        self._field: Final = options.max_field_bytes
        self._path: Final = options.max_path_bytes
        self._query: Final = options.max_query_bytes
        self._parameters: Final = options.max_query_parameters

    def on_request(self, exchange: Exchange) -> None:
        """Raises DownstreamError: 431 for fields, 414 for path and query, 400 for query parameters."""
        request = exchange.request
        self._check_fields(request.headers)
        if self._path is not None and len(request.path) > self._path:
            raise _target_too_long("path", self._path)
        query = request.query
        if not query:
            return
        if self._query is not None and len(query) > self._query:
            raise _target_too_long("query", self._query)
        # `;` separates parameters for some services.
        if self._parameters is not None and query.count("&") + query.count(";") >= self._parameters:
            raise DownstreamError(
                f"the query has more than {self._parameters} parameters",
                code="too_many_parameters", title="Too many query parameters",
            )  # fmt: skip

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""

    def _check_fields(self, headers: Headers) -> None:
        if self._fields is not None and len(headers) > self._fields:
            raise _fields_too_large(f"more than {self._fields} fields")
        longest = self._field
        if longest is not None:
            for name, value in headers:
                if len(name) + len(value) > longest:
                    raise _fields_too_large(f"a field of more than {int(longest)} bytes")


def _fields_too_large(what: str) -> DownstreamError:
    return DownstreamError(
        f"the request has {what}", status=431, code="fields_too_large", title="Request header fields too large"
    )


def _target_too_long(what: str, most: int) -> DownstreamError:
    return DownstreamError(
        f"the {what} is longer than {int(most)} bytes", status=414, code="target_too_long", title="URI too long"
    )


def build(options: object, _: Tools, __: Place) -> RequestLimitsFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    return RequestLimitsFilter(read(options, Options))


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    given = {name: getattr(decoded, name) for name in decoded.__struct_fields__}
    return ", ".join(f"{name} {value}" for name, value in given.items() if value is not None) or "nothing"


def _problems(options: object) -> list[str]:
    limits = read(options, Options)
    return ["max_fields: nor is any other limit given: the step would do nothing"] if limits == Options() else []


KIND: Final = Kind(build, describe, _problems, shared=True)
