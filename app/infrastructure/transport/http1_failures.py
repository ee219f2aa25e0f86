"""The words and kinds of what can go wrong on a connection under way. Not for noticing it."""

import ssl

from app.domain.errors import IdleTimeout, ResponseTimeout, TruncatedResponse, UpstreamError, UpstreamReset
from app.infrastructure.transport.tls import describe_tls_error


def lost(error: Exception | None, *, started: bool, head_done: bool) -> UpstreamError:
    """The target closed the connection; `started` and `head_done` say how much of its answer was here."""
    if head_done:
        return TruncatedResponse("the target closed the connection in the middle of its answer")
    where = "in the middle of the head of its answer" if started else "before it answered"
    if error is None:
        return UpstreamReset(f"the target closed the connection {where}")
    reason = describe_tls_error(error) if isinstance(error, ssl.SSLError) else str(error).lower()
    return UpstreamReset(f"the target closed the connection {where}: {reason}")


def late(idle: float, response: float, *, in_body: bool, uploading: bool) -> UpstreamError:
    """The target made no progress; `idle` and `response` are the timeouts in seconds."""
    if in_body:
        return IdleTimeout(f"the target sent nothing for {idle:g} s in the middle of its answer")
    if uploading:
        return IdleTimeout(f"the target took nothing of the request for {idle:g} s")
    return ResponseTimeout(f"the target sent no answer within {response:g} s")
