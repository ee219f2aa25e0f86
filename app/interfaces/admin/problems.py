"""The one table that turns a refusal of the admin API into an answer: RFC 9457 problem+json. Never a traceback."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from app.application.services.admin_errors import InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict, StoreError, StoreRejected, StoreUnavailable, UnknownRevision
from app.domain.entities.config import ConfigProblem

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER: Final = "2"
"""Seconds after which a store that did not answer may be asked again."""


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457 section 3.1; `code` and `problems` are ours."""

    status: int
    title: str
    detail: str = ""
    code: str = ""
    """Stable, for machines."""
    problems: tuple[ConfigProblem, ...] = ()
    """Every mistake of a configuration that was refused."""


class Refusal(Exception):
    """A request that the admin API does not serve."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        problems: Sequence[ConfigProblem] = (),
    ) -> None:
        super().__init__(detail or title)
        self.problem = Problem(status, title, detail, code, tuple(problems))
        self.headers = dict(headers or {})


def not_found(detail: str) -> Refusal:
    """Nothing is there."""
    return Refusal(404, "not_found", "Not found", detail)


def invalid(problems: Sequence[ConfigProblem]) -> Refusal:
    """A document that was understood, and is wrong (RFC 9110 section 15.5.21)."""
    return Refusal(422, "invalid", "Invalid configuration", "nothing was written: see problems", problems=problems)


def precondition_failed(detail: str) -> Refusal:
    """If-Match or If-None-Match does not hold (RFC 9110 section 15.5.13)."""
    return Refusal(412, "precondition_failed", "Precondition failed", detail)


def refusal_of(error: Exception) -> Refusal | None:
    """What an error of the application means to a client; None for what should never have happened."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, InvalidConfig):
        return invalid(error.problems)
    if isinstance(error, UnknownEntity | UnknownRevision):
        return not_found(str(error))
    if isinstance(error, StoreConflict):
        return Refusal(409, "conflict", "Changed meanwhile", str(error))
    if isinstance(error, StoreRejected):
        return Refusal(409, "store_rejected", "The store takes no such change", str(error))
    if isinstance(error, StoreUnavailable | StoreError):
        headers = {"retry-after": RETRY_AFTER}
        return Refusal(503, "store_unavailable", "The store is not available", str(error), headers=headers)
    return None


def answer_of(refusal: Refusal) -> Response:
    """The answer to a refused request."""
    return Response(
        msgspec.json.encode(refusal.problem), refusal.problem.status, refusal.headers, media_type=MEDIA_TYPE
    )
