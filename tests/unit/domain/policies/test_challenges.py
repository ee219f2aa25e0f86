"""Challenges of 401."""

from app.domain.policies.challenges import challenge, challenges_of, unauthenticated


def test_a_challenge_is_quoted() -> None:
    assert challenge("Basic", realm='a "b" \\', charset="UTF-8") == rb'Basic realm="a \"b\" \\", charset="UTF-8"'


def test_a_refusal_carries_its_challenges_each_on_a_line() -> None:
    error = unauthenticated("no", b"A realm=x", b"B realm=y")
    assert (error.status, error.code, error.detail) == (401, "unauthenticated", "no")
    assert error.headers == [(b"www-authenticate", b"A realm=x"), (b"www-authenticate", b"B realm=y")]
    error.headers.append((b"x-other", b"1"))
    assert challenges_of(error) == [b"A realm=x", b"B realm=y"]
