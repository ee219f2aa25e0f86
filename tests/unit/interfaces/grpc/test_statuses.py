"""Which status each error becomes, and what of it travels."""

import grpc
import pytest

from app.application.services.admin_errors import ConfigChanged, InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable, UnknownRevision
from app.domain.entities.config import ConfigProblem
from app.interfaces.grpc.documents import BadRequest
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.health import UnknownService
from app.interfaces.grpc.revision_feed import TooManyWatchers
from app.interfaces.grpc.statuses import DETAILS_KEY, failure_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadRequest("x"), grpc.StatusCode.INVALID_ARGUMENT),
        (UnknownEntity("routes", "a"), grpc.StatusCode.NOT_FOUND),
        (UnknownRevision("x"), grpc.StatusCode.NOT_FOUND),
        (UnknownService("x"), grpc.StatusCode.NOT_FOUND),
        (StoreConflict("routes", "a"), grpc.StatusCode.ABORTED),
        (ConfigChanged(), grpc.StatusCode.ABORTED),
        (StoreRejected("x"), grpc.StatusCode.FAILED_PRECONDITION),
        (StoreUnavailable("x"), grpc.StatusCode.UNAVAILABLE),
        (TooManyWatchers("x"), grpc.StatusCode.RESOURCE_EXHAUSTED),
    ],
)
def test_codes(error: Exception, code: grpc.StatusCode) -> None:
    failure = failure_of(error)
    assert failure is not None
    assert (failure.code, failure.message, failure.metadata) == (code, str(error), ())


def test_a_mistake_of_ours_has_none() -> None:
    assert failure_of(KeyError("secret")) is None


def invalid(*problems: ConfigProblem) -> tuple[str, pb.StatusDetails, pb.InvalidConfiguration]:
    """The message, the details and the problems in them."""
    failure = failure_of(InvalidConfig(problems))
    assert failure is not None
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    [(key, value)] = failure.metadata
    assert key == DETAILS_KEY
    # As base64 it must fit into 8 KiB together with the message, whose bytes may take three each.
    assert len(value) <= 4096
    details = pb.StatusDetails.FromString(value)
    [detail] = details.details
    assert detail.type_url == "type.googleapis.com/gateway.v1.InvalidConfiguration"
    found = pb.InvalidConfiguration()
    assert detail.Unpack(found)
    return failure.message, details, found


def test_problems_are_details() -> None:
    message, details, found = invalid(ConfigProblem("request", "routes.a", "url", "is empty", 3))
    assert message == "routes.a.url: is empty"
    assert (details.code, details.message) == (3, message)
    assert list(found.problems) == [pb.Problem(entity="routes.a", field="url", reason="is empty")]
    assert found.total == 1


def test_the_message_tells_the_first_of_several() -> None:
    first, second = ConfigProblem("request", "", "", "is no mapping"), ConfigProblem("request", "routes.b", "", "x")
    assert invalid(first, second)[0] == "is no mapping (the first of 2 problems)"


@pytest.mark.parametrize("reason", ["short", "x" * 500, "x" * 10_000, "ü" * 10_000])
def test_what_does_not_fit_is_counted(reason: str) -> None:
    message, _, found = invalid(*(ConfigProblem("request", f"routes.r{number}", "f", reason) for number in range(500)))
    assert len(message) <= 1024
    assert found.total == 500
    assert len(found.problems) < 500
    assert bool(found.problems) == (len(reason) < 1000)
