"""Methods behind gRPC: names, messages, errors as statuses."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from app.domain.control_ports import StoreUnavailable
from app.interfaces.grpc.calls import service_handler
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.interfaces.grpc.server import SERVICE
from tests.fakes import RecordedEvents


class Ended(Exception):
    """The call was ended with a status."""


class Context:
    """Remembers how a call is ended."""

    async def abort(self, code: grpc.StatusCode, message: str, metadata: object = ()) -> None:
        raise Ended(code, message)


class Details(grpc.HandlerCallDetails):
    """A call of a method."""

    def __init__(self, method: str) -> None:
        self.method = f"/gateway.v1.ConfigService/{method}"
        self.invocation_metadata = ()


class Servicer:
    """Answers, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def get(self, request: pb.GetRequest) -> pb.GetResponse:
        if self.error is not None:
            raise self.error
        return pb.GetResponse(digest=request.section)

    async def watch(self, request: pb.WatchRequest) -> AsyncIterator[pb.Revision]:
        yield pb.Revision(number=1)
        if self.error is not None:
            raise self.error

    apply = validate = explain = get


def handler_of(servicer: Servicer, method: str, events: RecordedEvents | None = None) -> Any:
    handler: Any = service_handler(SERVICE, servicer, events or RecordedEvents())
    return handler.service(Details(method))


async def test_messages_are_read_and_written() -> None:
    handler = handler_of(Servicer(), "Get")
    request = handler.request_deserializer(pb.GetRequest(section="routes").SerializeToString())
    answer = await handler.unary_unary(request, Context())
    assert pb.GetResponse.FromString(handler.response_serializer(answer)).digest == "routes"
    assert handler_of(Servicer(), "Nothing") is None


async def test_a_stream() -> None:
    handler = handler_of(Servicer(), "Watch")
    assert [one.number async for one in handler.unary_stream(pb.WatchRequest(), Context())] == [1]


async def drained(handler: Any) -> None:
    async for _ in handler.unary_stream(pb.WatchRequest(), Context()):
        pass


@pytest.mark.parametrize("method", ["Get", "Watch"])
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (StoreUnavailable("no answer"), grpc.StatusCode.UNAVAILABLE, "no answer"),
        (KeyError("secret"), grpc.StatusCode.INTERNAL, "a mistake in the gateway itself; its log tells more"),
    ],
)
async def test_errors(method: str, error: Exception, code: grpc.StatusCode, message: str) -> None:
    events = RecordedEvents()
    handler = handler_of(Servicer(error), method, events)
    with pytest.raises(Ended) as ended:
        await (drained(handler) if method == "Watch" else handler.unary_unary(pb.GetRequest(), Context()))
    assert ended.value.args == (code, message)
    assert len(events.seen) == (code is grpc.StatusCode.INTERNAL)
