"""Tokens: one reads, one also writes, and nothing else opens anything."""

import pytest
from starlette.datastructures import Headers

from app.interfaces.admin.authorization import READ_ONLY, READ_WRITE, AdminTokens, Authorization, check_write
from app.interfaces.admin.problems import Refusal

TOKENS = AdminTokens("w-secret", "r-secret")


def who(value: str | None, tokens: AdminTokens = TOKENS) -> str:
    return Authorization(tokens).who(Headers({} if value is None else {"authorization": value}))


@pytest.mark.parametrize("value", ["Bearer w-secret", "bearer w-secret", "BEARER  w-secret "])
def test_the_token_that_writes(value: str) -> None:
    assert who(value) == READ_WRITE


def test_the_token_that_reads() -> None:
    assert who("Bearer r-secret") == READ_ONLY


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Basic dzpz", "w-secret"])
def test_no_token(value: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        who(value)
    assert refused.value.problem.status == 401
    assert refused.value.headers["www-authenticate"] == 'Bearer realm="gateway admin"'


@pytest.mark.parametrize(
    "value", ["Bearer x", "Bearer w-secret2", "Bearer w-secre", "Bearer W-SECRET", "Bearer é\udcff"]
)
def test_another_token(value: str) -> None:
    headers = Headers(raw=[(b"authorization", value.encode("utf-8", "surrogateescape"))])
    with pytest.raises(Refusal) as refused:
        Authorization(TOKENS).who(headers)
    assert 'error="invalid_token"' in refused.value.headers["www-authenticate"]


def test_a_token_that_is_not_set_opens_nothing() -> None:
    with pytest.raises(Refusal):
        who("Bearer r-secret", AdminTokens("w-secret"))
    with pytest.raises(Refusal):
        who("Bearer ", AdminTokens())


def test_a_token_that_reads_does_not_write() -> None:
    check_write(READ_WRITE)
    with pytest.raises(Refusal) as refused:
        check_write(READ_ONLY)
    assert refused.value.problem.status == 403
    assert 'error="insufficient_scope"' in refused.value.headers["www-authenticate"]


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(TOKENS)
