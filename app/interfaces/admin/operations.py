"""What the admin API can do, one value for each call: its routes and its OpenAPI document are both made of these."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from starlette.responses import Response

from app.interfaces.admin.calls import Call

Handler = Callable[[Call], Awaitable[Response]]
Schema = dict[str, Any]


class Parameter(msgspec.Struct, frozen=True):
    """Something in the path, the query or the fields."""

    name: str
    place: Literal["path", "query", "header"]
    description: str
    schema: Schema = {}


class Answer(msgspec.Struct, frozen=True):
    """A status, and what comes with it; a schema of None stands for an empty body."""

    status: int
    description: str
    schema: Schema | None = None
    fields: tuple[str, ...] = ()
    """Fields that come with it, besides those of every answer."""
    media_type: str = "application/json"


class Operation(msgspec.Struct, frozen=True):
    """One method of one path."""

    method: str
    path: str
    """`/routes/{id}`."""
    name: str
    """`putRoute`."""
    summary: str
    handler: Handler
    answers: tuple[Answer, ...]
    """When it goes well."""
    refusals: tuple[int, ...] = ()
    """Statuses of refusals, besides those that every call may have."""
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    media_types: tuple[str, ...] = ()
    """Of the body."""
    writes: bool = False
    """Whether a token that only reads is refused."""
