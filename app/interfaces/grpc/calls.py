"""Puts a servicer's methods behind gRPC: names, messages, and errors as statuses. Not for what the methods do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, NoReturn

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from app.domain.ports import Events
from app.interfaces.grpc.statuses import failure_of

Context = grpc.aio.ServicerContext[Any, Any]
Unary = Callable[[Any], Awaitable[Message]]
Stream = Callable[[Any], AsyncIterator[Message]]

_INTERNAL: Final = "a mistake in the gateway itself; its log tells more"


def service_handler(service: ServiceDescriptor, servicer: object, events: Events) -> grpc.GenericRpcHandler:
    """A handler for every method of `service`: `Apply` is `servicer.apply`, and so on."""
    handlers = {}
    for method in service.methods:
        behave = getattr(servicer, method.name.lower())
        answer, wrap = (
            (grpc.unary_stream_rpc_method_handler, _stream)
            if method.server_streaming
            else (grpc.unary_unary_rpc_method_handler, _unary)
        )
        handlers[method.name] = answer(
            wrap(behave, method.full_name, events),
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(service.full_name, handlers)


def _unary(behave: Unary, name: str, events: Events) -> Callable[[Message, Context], Awaitable[Message]]:
    async def call(request: Message, context: Context) -> Message:
        try:
            return await behave(request)
        except Exception as error:
            await _fail(error, context, name, events)

    return call


def _stream(behave: Stream, name: str, events: Events) -> Callable[[Message, Context], AsyncIterator[Message]]:
    async def call(request: Message, context: Context) -> AsyncIterator[Message]:
        try:
            async for message in behave(request):
                yield message
        except Exception as error:
            await _fail(error, context, name, events)

    return call


async def _fail(error: Exception, context: Context, name: str, events: Events) -> NoReturn:
    """End the call with the status of `error`: raises what grpc knows to be that."""
    failure = failure_of(error)
    if failure is None:
        events.error("a gRPC call failed by a mistake in the gateway", method=name, error=repr(error))
        await context.abort(grpc.StatusCode.INTERNAL, _INTERNAL)
    else:
        await context.abort(failure.code, failure.message, failure.metadata)
