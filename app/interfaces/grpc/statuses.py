"""gRPC statuses of the control plane's errors, on one page. Not for which call raises which: config.proto says that."""

from collections.abc import Sequence
from typing import Final

import grpc
import msgspec

from app.application.services.admin_errors import InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable, UnknownRevision
from app.domain.entities.config import ConfigProblem
from app.interfaces.grpc.documents import BadRequest
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.health import UnknownService
from app.interfaces.grpc.messages import problem_messages
from app.interfaces.grpc.revision_feed import TooManyWatchers

DETAILS_KEY: Final = "grpc-status-details-bin"
"""Trailing metadata that holds a google.rpc.Status by convention of all gRPC libraries."""
_MOST_DETAILS: Final = 4096
"""Bytes of details: clients take 8 KiB of metadata at least, which come as base64 (GRPC_ARG_MAX_METADATA_SIZE)."""
_LONGEST_MESSAGE: Final = 1024
"""Characters: the message travels as metadata too, and each byte that is no printable ASCII takes three there."""

_CODES: Final[tuple[tuple[type[Exception], grpc.StatusCode], ...]] = (
    (BadRequest, grpc.StatusCode.INVALID_ARGUMENT),
    (UnknownEntity, grpc.StatusCode.NOT_FOUND),
    (UnknownService, grpc.StatusCode.NOT_FOUND),
    (UnknownRevision, grpc.StatusCode.NOT_FOUND),
    (StoreConflict, grpc.StatusCode.ABORTED),
    (StoreRejected, grpc.StatusCode.FAILED_PRECONDITION),
    (StoreUnavailable, grpc.StatusCode.UNAVAILABLE),
    (TooManyWatchers, grpc.StatusCode.RESOURCE_EXHAUSTED),
)


class Failure(msgspec.Struct, frozen=True):
    """The status that ends a call."""

    code: grpc.StatusCode
    message: str
    metadata: tuple[tuple[str, bytes], ...] = ()
    """Trailing metadata."""


def failure_of(error: Exception) -> Failure | None:
    """How `error` is told to the caller; None when it is a mistake of ours, of which they learn nothing."""
    if isinstance(error, InvalidConfig):
        return _invalid(error.problems)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code, _cut(str(error)))
    return None


def _invalid(problems: Sequence[ConfigProblem]) -> Failure:
    code = grpc.StatusCode.INVALID_ARGUMENT
    number: int = code.value[0]
    message = _cut(_summary(problems))
    details = pb.StatusDetails(code=number, message=message)
    details.details.add().Pack(_fitting(problems))
    return Failure(code, message, ((DETAILS_KEY, details.SerializeToString()),))


def _summary(problems: Sequence[ConfigProblem]) -> str:
    first = problems[0]
    where = ".".join(part for part in (first.entity, first.field) if part)
    line = f"{where}: {first.reason}" if where else first.reason
    return line if len(problems) == 1 else f"{line} (the first of {len(problems)} problems)"


def _fitting(problems: Sequence[ConfigProblem]) -> pb.InvalidConfiguration:
    """As many of the problems as there is room for."""
    message = pb.InvalidConfiguration(total=len(problems))
    room = _MOST_DETAILS - _LONGEST_MESSAGE
    for problem in problem_messages(problems):
        # Two bytes of each are the tag and the length.
        room -= problem.ByteSize() + 4
        if room < 0:
            break
        message.problems.append(problem)
    return message


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"
