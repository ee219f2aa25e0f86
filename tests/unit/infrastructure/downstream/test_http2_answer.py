"""Fields of answers."""

import pytest

from app.infrastructure.downstream.http2_answer import UNFIT, UNKNOWN, check_answer, fit


def test_the_length_is_found() -> None:
    assert check_answer([(b"x-a", b"1")]) == UNKNOWN
    assert check_answer([(b"x-a", b"1"), (b"content-length", b"12")]) == 12


def test_what_is_of_http1_is_dropped() -> None:
    headers = [(b"x-a", b"1"), (b"transfer-encoding", b"chunked"), (b"keep-alive", b"1")]
    assert check_answer(headers) == UNFIT
    assert fit(headers) == [(b"x-a", b"1")]


@pytest.mark.parametrize("value", [b"a\nb", b"a\rb", b"a\0b"])
def test_values_hold_no_line_break(value: bytes) -> None:
    with pytest.raises(ValueError, match="line break"):
        check_answer([(b"x-a", value)])
