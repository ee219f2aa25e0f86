"""Why a client may not pass: the errors of filters that protect a route. Not for broken requests: `errors`."""

from app.domain.errors import DownstreamError


class Unauthenticated(DownstreamError):
    """Nobody that the route knows is asking: no credentials, or none that hold (RFC 9110 section 15.5.2)."""

    status = 401
    code = "unauthenticated"
    title = "Authentication required"


class Forbidden(DownstreamError):
    """Whoever is asking may not."""

    status = 403
    code = "forbidden"
    title = "Forbidden"


class LimitExceeded(DownstreamError):
    """Asked too often, or for too much at once (RFC 6585 section 4)."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"


class BodyTooLarge(DownstreamError):
    """The request's body is larger than the route takes."""

    status = 413
    code = "body_too_large"
    title = "Content too large"
