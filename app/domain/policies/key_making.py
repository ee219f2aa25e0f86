"""Makes API keys of random bytes, in a form that scanners for leaked secrets can know. Not for reading keys."""

import zlib
from typing import Final

PREFIX: Final = "gwk_"
RANDOM: Final = 24
"""Bytes of randomness of a key: 192 bits, so that a digest without salt cannot be searched."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY: Final = 33
"""Digits of 192 bits in base 62."""
_CHECK: Final = 6
"""Digits of 32 bits in base 62."""


def key_of(random: bytes) -> str:
    """The key of 24 random bytes: `gwk_`, 33 digits of them, 6 of their CRC-32, as GitHub's tokens have it.

    https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    """
    if len(random) != RANDOM:
        raise ValueError(f"expected {RANDOM} bytes, got {len(random)}")
    body = _in_base_62(int.from_bytes(random), _BODY)
    return f"{PREFIX}{body}{_check(body)}"


def is_whole(key: str) -> bool:
    """Whether a key is not cut off or misspelt, as far as it tells; keys that others made tell nothing."""
    if not key.startswith(PREFIX):
        return bool(key)
    body = key[len(PREFIX) : -_CHECK]
    return len(key) == len(PREFIX) + _BODY + _CHECK and key.endswith(_check(body))


def _check(body: str) -> str:
    return _in_base_62(zlib.crc32(body.encode()), _CHECK)


def _in_base_62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
