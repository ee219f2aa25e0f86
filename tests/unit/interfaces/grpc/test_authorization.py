"""Who may call what."""

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
import pytest

from app.interfaces.grpc.authorization import Authorization, Tokens, may_see_secrets

WRITE_METHOD, READ_METHOD = "/s/Write", "/s/Read"
OPEN_METHOD = "/grpc.health.v1.Health/Check"
HANDLER: Any = grpc.unary_unary_rpc_method_handler(lambda request, context: request)


class Details(grpc.HandlerCallDetails):
    """A call as an interceptor sees it."""

    def __init__(self, method: str, metadata: Sequence[tuple[str, str | bytes]]) -> None:
        self.method = method
        self.invocation_metadata = tuple(metadata)


class Ended(Exception):
    """The call was ended with a status."""


class Context:
    """Remembers how a call is ended."""

    async def abort(self, code: grpc.StatusCode, message: str) -> None:
        raise Ended(code, message)


async def status_of(method: str, *values: str | bytes, tokens: Tokens | None = None) -> grpc.StatusCode | None:
    """The status with which a call is refused; None when it goes on."""
    authorization = Authorization(tokens or Tokens("w", "r"), [WRITE_METHOD])

    async def goes_on(_: grpc.HandlerCallDetails) -> Any:
        return HANDLER

    metadata = [("user-agent", "test"), *(("authorization", value) for value in values)]
    handler: Any = await authorization.intercept_service(goes_on, Details(method, metadata))
    if handler is HANDLER:
        return None
    with pytest.raises(Ended) as ended:
        await handler.stream_stream(None, Context())
    code: grpc.StatusCode = ended.value.args[0]
    return code


async def test_the_two_tokens() -> None:
    assert await status_of(WRITE_METHOD, "Bearer w") is None
    assert await status_of(READ_METHOD, "Bearer w") is None
    assert await status_of(READ_METHOD, "Bearer r") is None
    assert await status_of(WRITE_METHOD, "Bearer r") is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("value", ["bearer w", "BEARER   w ", b"Bearer w"])
async def test_spellings(value: str | bytes) -> None:
    assert await status_of(WRITE_METHOD, value) is None


@pytest.mark.parametrize(
    "values",
    [(), ("",), ("w",), ("Basic w",), ("Bearer",), ("Bearer ",), ("Bearer W",), ("Bearer w", "Bearer w"), (b"\xff",)],
)
async def test_what_is_no_token(values: tuple[str | bytes, ...]) -> None:
    assert await status_of(READ_METHOD, *values) is grpc.StatusCode.UNAUTHENTICATED


async def test_without_a_read_only_token_there_is_none() -> None:
    assert await status_of(READ_METHOD, "Bearer r", tokens=Tokens("w")) is grpc.StatusCode.UNAUTHENTICATED
    assert await status_of(READ_METHOD, "Bearer w", tokens=Tokens("w")) is None


async def test_a_health_check_needs_none() -> None:
    assert await status_of(OPEN_METHOD) is None
    assert await status_of(OPEN_METHOD.replace("Check", "Watch")) is grpc.StatusCode.UNAUTHENTICATED


def test_an_empty_token_opens_nothing() -> None:
    with pytest.raises(ValueError, match="the read-write token is empty"):
        Authorization(Tokens(""), [])


def test_tokens_are_not_shown() -> None:
    assert repr(Tokens("secret-w", "secret-r")) == "Tokens(...)"


@pytest.mark.parametrize(("token", "secrets"), [("Bearer w", True), ("Bearer r", False), ("Bearer x", False)])
async def test_only_the_token_that_writes_sees_secrets(token: str, secrets: bool) -> None:
    async def call() -> bool:
        await status_of(READ_METHOD, token)
        return may_see_secrets()

    # Each call has a context of its own, as under grpc.
    assert await asyncio.create_task(call()) == secrets
    assert not may_see_secrets()
