"""What an answer of 401 says about proving oneself (RFC 9110 section 11.6.1). Not for who is refused: filters'."""

from app.domain.refusals import Unauthenticated

AUTHENTICATE = b"www-authenticate"


def challenge(scheme: str, **parameters: str) -> bytes:
    """One challenge, `Basic realm="users", charset="UTF-8"`; the values must be printable ASCII."""
    return f"{scheme} {', '.join(f'{name}={quoted(value)}' for name, value in parameters.items())}".encode()


def quoted(text: str) -> str:
    """`text` as a quoted-string (RFC 9110 section 5.6.4)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unauthenticated(detail: str, *challenges: bytes) -> Unauthenticated:
    """A refusal with its challenges; `detail` is for the client."""
    return Unauthenticated(detail, headers=[(AUTHENTICATE, one) for one in challenges])


def challenges_of(error: Unauthenticated) -> list[bytes]:
    """Those that a refusal carries."""
    return [value for name, value in error.headers if name == AUTHENTICATE]
