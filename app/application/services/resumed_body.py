"""Takes the first part of a request body before a target is chosen. Not for buffering more of it."""

from collections.abc import Coroutine
from typing import Any

from app.domain.entities.request import BodyStream


async def first_part(body: BodyStream, length: int | None) -> bytes | BodyStream:
    """The body as bytes when its first part is all of it, so that it can be sent in one piece, and again.

    Waiting for the first part here means that a client that stalls holds no connection to a target.
    """
    first = await anext(body, b"")
    if length is not None and len(first) == length:
        return first
    if length is None and body.ended:
        return first
    return ResumedBody(first, body)


class ResumedBody:
    """A body whose first part was taken already."""

    __slots__ = ("_first", "_rest")

    def __init__(self, first: bytes, rest: BodyStream) -> None:
        self._first = first
        self._rest = rest

    @property
    def ended(self) -> bool:
        """Whether the last part was taken."""
        return not self._first and self._rest.ended

    def limit_to(self, most: int) -> None:
        """The first part counts as well: the rest has counted it."""
        self._rest.limit_to(most)

    def __aiter__(self) -> "ResumedBody":
        return self

    def __anext__(self) -> Coroutine[Any, Any, bytes]:
        if self._first:
            first, self._first = self._first, b""
            return _given(first)
        # Not awaited here: a frame for each part would serve nothing.
        return self._rest.__anext__()

    async def aclose(self) -> None:
        """Give up the rest."""
        await self._rest.aclose()


async def _given(part: bytes) -> bytes:
    return part
