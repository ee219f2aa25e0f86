"""What can go wrong with a Redis, and how people are told of it. Not for what is done about it."""

import ssl


class RedisError(Exception):
    """A command that was not done; the text is for people."""


class RedisGone(RedisError):
    """No answer will come over this connection any more."""


class RedisRefused(RedisError):
    """The server answered with an error: its text, whose first word is its code."""

    @property
    def code(self) -> str:
        """`WRONGTYPE`, `NOPERM`, `MOVED` …"""
        return str(self).partition(" ")[0]


def why(error: OSError) -> str:
    """An operating system's error in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {(getattr(error, 'reason', None) or 'no TLS there').replace('_', ' ').lower()}"
    if isinstance(error, TimeoutError):
        return "timed out"
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def failure(name: str, error: RedisError) -> str:
    """What is wrong with the Redis `name`, in a sentence."""
    verb = "does not answer" if isinstance(error, RedisGone) else "refuses us"
    return f"{name} {verb}: {error}"
