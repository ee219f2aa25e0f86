"""Passwords and their hashes."""

import asyncio
import threading
from collections.abc import Iterator

import argon2
import bcrypt
import pytest
from argon2.low_level import hash_secret_raw

from app.domain.entities.consumer import BasicAccount, Consumer
from app.domain.errors import GatewayRefusal
from app.infrastructure.config.consumer_checks import consumer_problems
from app.infrastructure.security import passwords
from app.infrastructure.security.passwords import PasswordChecker, hash_password

QUICK = argon2.PasswordHasher(1, 8, 1)
ARGON = QUICK.hash("open sesame")
BCRYPT = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()


class Now:
    time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def checker(now: Now) -> Iterator[PasswordChecker]:
    made = PasswordChecker(now, waiting=1)
    yield made
    made.close()


async def verified(checker: PasswordChecker, password: bytes, hashed: str) -> bool:
    answer = checker.verify(password, hashed)
    return answer if isinstance(answer, bool) else await answer


@pytest.mark.parametrize("hashed", [ARGON, BCRYPT, BCRYPT.replace("$2b$", "$2y$")], ids=["argon2", "2b", "2y"])
async def test_the_right_password_and_wrong_ones(checker: PasswordChecker, hashed: str) -> None:
    assert await verified(checker, b"open sesame", hashed)
    for wrong in (b"", b"open", b"open sesame ", b"x" * 100, "ö".encode(), b"a\x00b"):
        assert not await verified(checker, wrong, hashed)


async def test_a_password_that_bcrypt_would_cut_matches_nothing(checker: PasswordChecker) -> None:
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert await verified(checker, b"x" * 72, hashed)
    assert not await verified(checker, b"x" * 73, hashed)


@pytest.mark.parametrize("hashed", ["plain", "$2b$", "$2b$99$x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$x$y", "é"])
async def test_what_is_no_hash_matches_nothing(checker: PasswordChecker, hashed: str) -> None:
    assert not await verified(checker, b"plain", hashed)
    assert not await verified(checker, hashed.encode(), hashed)


async def test_a_right_pair_is_remembered_for_five_minutes_and_a_wrong_one_is_not(
    checker: PasswordChecker, now: Now
) -> None:
    assert await verified(checker, b"open sesame", ARGON)
    assert checker.verify(b"open sesame", ARGON) is True
    again = checker.verify(b"open sesame", QUICK.hash("other"))
    assert not isinstance(again, bool)
    assert await again is False
    now.time = passwords.SECONDS
    late = checker.verify(b"open sesame", ARGON)
    assert not isinstance(late, bool)
    assert await late is True


async def test_what_is_remembered_is_bounded(checker: PasswordChecker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "REMEMBERED", 2)
    hashes = [QUICK.hash("open sesame") for _ in range(3)]
    for hashed in hashes:
        assert await verified(checker, b"open sesame", hashed)
    assert not isinstance(forgotten := checker.verify(b"open sesame", hashes[0]), bool)
    assert await forgotten
    assert checker.verify(b"open sesame", hashes[2]) is True


async def test_an_unknown_user_costs_what_a_wrong_password_does(
    checker: PasswordChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[object] = []

    def counted(*parameters: object) -> bytes:
        costs.append(parameters[2:])
        return hash_secret_raw(*parameters)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(passwords, "hash_secret_raw", counted)
    assert not await verified(checker, b"x", "")
    assert not await verified(checker, b"x", ARGON)
    assert not await verified(checker, b"x", "")
    profile = argon2.profiles.RFC_9106_LOW_MEMORY
    ours = argon2.extract_parameters(ARGON)
    assert costs == [
        (one.time_cost, one.memory_cost, one.parallelism, one.hash_len, one.type) for one in (profile, ours)
    ]
    asked: list[bytes] = []
    assert not await verified(checker, b"x", BCRYPT)
    monkeypatch.setattr(bcrypt, "checkpw", lambda _, hashed: asked.append(hashed))
    assert not await verified(checker, b"x", "")
    assert asked == [BCRYPT.encode()]


async def test_never_on_the_loop_two_at_once_and_few_waiting(
    checker: PasswordChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, started, threads = threading.Event(), threading.Semaphore(0), set[int]()

    def slow(password: bytes, hashed: str, like: str) -> bool:
        threads.add(threading.get_ident())
        started.release()
        return held.wait(10)

    monkeypatch.setattr(passwords, "_matches", slow)
    waiting = [asyncio.ensure_future(verified(checker, b"x", f"h{n}")) for n in range(3)]
    try:
        async with asyncio.timeout(10):
            for _ in range(2):
                await asyncio.to_thread(started.acquire)
        assert not started.acquire(blocking=False)
        with pytest.raises(GatewayRefusal) as refused:
            await verified(checker, b"x", "h4")
        assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "authentication_busy", 1)
        waiting[2].cancel()
        await asyncio.gather(waiting[2], return_exceptions=True)
        waiting[2] = asyncio.ensure_future(verified(checker, b"x", "h5"))
    finally:
        held.set()
    async with asyncio.timeout(10):
        assert await asyncio.gather(*waiting) == [True, True, True]
    assert threading.get_ident() not in threads
    assert len(threads) <= 2


def test_a_new_hash_is_argon2id_and_another_one_each_time() -> None:
    one, other = hash_password("correct horse"), hash_password("correct horse")
    assert one != other
    # OWASP, Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert argon2.PasswordHasher().verify(one, "correct horse")
    assert consumer_problems(Consumer(basic=(BasicAccount("ann", one),))) == []
