"""Names of an exchange: request id (UUIDv7, RFC 9562 section 5.7) and W3C trace context. Not secrets."""

from collections.abc import Callable
from typing import Final

_ID_BYTES: Final = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._"
_HEX: Final = b"0123456789abcdef"
_LONGEST_ID: Final = 128
_LONGEST_TRACEPARENT: Final = 256
_POOL: Final = 256
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_NO_TRACE: Final = b"0" * 32
_NO_PARENT: Final = b"0" * 16


class Identifiers:
    """Makes and checks identifiers. Random parts are made in bulk, first when one is needed: after any fork."""

    def __init__(self, wall: Callable[[], float], entropy: Callable[[int], bytes]) -> None:
        """`wall` is seconds since the epoch; `entropy(n)` gives n random bytes (`os.urandom`)."""
        self._wall = wall
        self._entropy = entropy
        self._millisecond = -1
        self._stamp = ""
        self._tails: list[str] = []
        self._traces: list[bytes] = []

    def request_id(self, value: bytes | None) -> str:
        """The client's id when it is 1 to 128 of `A-Z a-z 0-9 . _ -`, else a new UUIDv7."""
        if value and len(value) <= _LONGEST_ID and not value.translate(None, _ID_BYTES):
            return value.decode()
        millisecond = int(self._wall() * 1000)
        if millisecond != self._millisecond:
            digits = f"{millisecond:012x}"
            self._stamp = f"{digits[:8]}-{digits[8:]}-7"
            self._millisecond = millisecond
        if not self._tails:
            self._tails = [f"{d[:3]}-{_VARIANT[d[3]]}{d[4:7]}-{d[7:19]}" for d in self._pieces(10)]
        return self._stamp + self._tails.pop()

    def traceparent(self, value: bytes | None) -> bytes:
        """The client's trace context when it is valid, unchanged; else a new one that is not sampled."""
        if value is not None and is_traceparent(value):
            return value
        if not self._traces:
            self._traces = [f"00-{d[:32]}-{d[32:]}-00".encode() for d in self._pieces(24)]
        return self._traces.pop()

    def _pieces(self, size: int) -> list[str]:
        digits = self._entropy(_POOL * size).hex()
        return [digits[at : at + 2 * size] for at in range(0, len(digits), 2 * size)]


def is_traceparent(value: bytes) -> bool:
    """Whether `value` is version 00, or a later version that begins in its shape (W3C Trace Context, 3.2 and 4.3)."""
    known = value
    if len(value) != 55:
        if not 55 < len(value) <= _LONGEST_TRACEPARENT or value[55] != 45 or value[:2] == b"00":
            return False
        known = value[:55]
    return (
        known.translate(None, _HEX) == b"---"
        and known[2] == known[35] == known[52] == 45
        and known[:2] != b"ff"
        and known[3:35] != _NO_TRACE
        and known[36:52] != _NO_PARENT
    )
