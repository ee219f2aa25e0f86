"""Who may call what: tokens in the metadata of each call. Not for TLS, and not for what a call does."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextvars import ContextVar
from hashlib import sha256
from typing import Any, Final, TypeAlias, cast

import grpc
import msgspec

from app.interfaces.grpc.health import SERVICE as HEALTH

READ_WRITE: Final = "token:read-write"
"""Who holds the read-write token, for the audit log."""

_SCHEME: Final = b"bearer"
_OPEN: Final = f"/{HEALTH.full_name}/Check"
"""The one call that needs no token: probes of orchestrators cannot carry one, and it tells nothing else."""

_SECRETS: Final = ContextVar("secrets", default=False)

# Only the stubs make it a generic class.
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = "Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]"
Metadata = Iterable[tuple[str, str | bytes]]


class Tokens(msgspec.Struct, frozen=True):
    """The secrets that callers show."""

    write: str
    """May read and write."""
    read: str = ""
    """May only read; empty when there is no such token."""

    def __repr__(self) -> str:
        return "Tokens(...)"


class Authorization(grpc.aio.ServerInterceptor):
    """Lets calls through whose token allows them; others end before their message is read."""

    def __init__(self, tokens: Tokens, writes: Iterable[str]) -> None:
        """`writes` are the methods, `/package.Service/Method`, that need the read-write token.

        Raises ValueError for an empty read-write token, which anybody could show.
        """
        if not tokens.write:
            raise ValueError("the read-write token is empty")
        self._write: Final = _digest(tokens.write)
        self._read: Final = _digest(tokens.read) if tokens.read else b""
        self._writes: Final = frozenset(writes)

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """The handler of the call, None when there is no such method, or one that refuses it."""
        method = handler_call_details.method
        if method == _OPEN:
            return await continuation(handler_call_details)
        token = _shown(cast("Metadata", handler_call_details.invocation_metadata or ()))
        if token is None:
            return _refusal(
                grpc.StatusCode.UNAUTHENTICATED, "the metadata `authorization: Bearer TOKEN` is needed, once"
            )
        may_write, may_read = self._rights(token)
        if not may_read:
            return _refusal(grpc.StatusCode.UNAUTHENTICATED, "the token is none of this gateway's")
        _SECRETS.set(may_write)
        if method in self._writes and not may_write:
            return _refusal(grpc.StatusCode.PERMISSION_DENIED, "the read-only token may not change anything")
        return await continuation(handler_call_details)

    def _rights(self, token: bytes) -> tuple[bool, bool]:
        """Whether `token` may write, and whether it may read, found out in a time that tells nothing of either."""
        given = sha256(token).digest()
        writes, reads = hmac.compare_digest(given, self._write), hmac.compare_digest(given, self._read)
        return writes, writes or reads


def may_see_secrets() -> bool:
    """Whether the call under way has the read-write token: interceptors run in the context of their call."""
    return _SECRETS.get()


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _shown(metadata: Metadata) -> bytes | None:
    """The token of the call: None when there is none, or more than one to choose from."""
    values = [value for key, value in metadata if key == "authorization"]
    if len(values) != 1:
        return None
    value = values[0] if isinstance(values[0], bytes) else values[0].encode()
    scheme, _, token = value.partition(b" ")
    token = token.strip()
    return token if scheme.lower() == _SCHEME and token else None


def _refusal(code: grpc.StatusCode, message: str) -> "Handler":
    """A handler that ends the call. As one of streams, whatever the call is, it does not wait for a message."""

    async def refuse(_: AsyncIterator[bytes], context: grpc.aio.ServicerContext[Any, Any]) -> None:
        await context.abort(code, message)

    return grpc.stream_stream_rpc_method_handler(refuse)
