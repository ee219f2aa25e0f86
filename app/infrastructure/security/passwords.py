"""Compares passwords with argon2id and bcrypt hashes, in threads. Not for who may try how often."""

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import argon2
import bcrypt
from argon2.low_level import hash_secret_raw

from app.domain.errors import GatewayRefusal
from app.domain.ports import Clock

AT_ONCE: Final = 2
"""Comparisons under way; one of argon2id takes 64 MiB by default."""
WAITING: Final = 32
"""More may wait; then there is no answer but 503."""
REMEMBERED: Final = 1000
SECONDS: Final = 300.0
"""How long a right password is taken without another look."""


_NEW: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id as OWASP's Password Storage Cheat Sheet has it."""


def hash_password(password: str) -> str:
    """The hash that a configuration has of a password, another one each time. Takes tens of milliseconds by intent."""
    return _NEW.hash(password)


class PasswordChecker:
    """`tools.Passwords` of one worker.

    What was right is remembered by a digest, under a key that only this process knows, of the password with its hash:
    when the hash is another one, nothing is remembered of it.
    """

    def __init__(self, clock: Clock, waiting: int = WAITING) -> None:
        self._clock = clock
        self._most = AT_ONCE + waiting
        self._pending = 0
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords")
        self._secret = os.urandom(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._like = ""
        """The last hash that was compared with: an unknown user costs as much."""

    def verify(self, password: bytes, hashed: str) -> bool | Awaitable[bool]:
        """Whether `password` is the one of `hashed`; an empty hash takes as long, and is False.

        Awaitable unless the pair was right lately. Raises GatewayRefusal (503), when awaited, if too many wait.
        """
        remembered = hashlib.blake2b(b"%b\0%b" % (hashed.encode(), password), key=self._secret, digest_size=16).digest()
        until = self._right.get(remembered)
        if until is not None:
            if self._clock() < until:
                self._right.move_to_end(remembered)
                return True
            del self._right[remembered]
        return self._compare(password, hashed, remembered)

    def close(self) -> None:
        """Take no more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _compare(self, password: bytes, hashed: str, remembered: bytes) -> bool:
        if self._pending >= self._most:
            raise GatewayRefusal("too many passwords wait to be checked", code="authentication_busy", retry_after=1)
        self._pending += 1
        try:
            async with self._turns:
                right = await asyncio.get_running_loop().run_in_executor(
                    self._threads, _matches, password, hashed, self._like
                )
        finally:
            self._pending -= 1
        if hashed:
            self._like = hashed
        if right:
            self._right[remembered] = self._clock() + SECONDS
            while len(self._right) > REMEMBERED:
                self._right.popitem(last=False)
        return right


def _matches(password: bytes, hashed: str, like: str) -> bool:
    """Takes as long as `like` when there is no hash."""
    try:
        if not hashed:
            _pretend(password, like)
            return False
        if hashed.startswith("$2"):
            return _bcrypt(password, hashed)
        return argon2.PasswordHasher().verify(hashed, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError, ValueError):
        return False  # not this password, or no hash at all


def _pretend(password: bytes, like: str) -> None:
    if like.startswith("$2"):
        _bcrypt(password, like)
        return
    cost = argon2.extract_parameters(like) if like else argon2.profiles.RFC_9106_LOW_MEMORY
    hash_secret_raw(
        password, os.urandom(16), cost.time_cost, cost.memory_cost, cost.parallelism, cost.hash_len, cost.type
    )


def _bcrypt(password: bytes, hashed: str) -> bool:
    """bcrypt looks at 72 bytes only: what is longer matches nothing, and takes as long."""
    return bcrypt.checkpw(password[:72], hashed.encode()) and len(password) <= 72
