"""Reads a whole request body, within a limit, for filters that must have seen it. Not for bodies that stream on."""

from app.domain.entities.request import Request
from app.domain.refusals import BodyTooLarge


async def read_whole(request: Request, most: int) -> bytes:
    """The body, which the request holds as bytes from then on. Raises BodyTooLarge for more than `most` bytes."""
    body = request.body
    if isinstance(body, bytes):
        return body
    if request.length is not None and request.length > most:
        raise _too_large(most)
    parts, size = [], 0
    async for part in body:
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    whole = b"".join(parts)
    request.body, request.length = whole, len(whole)
    return whole


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"a signed body has at most {most} bytes here")
