"""Origins and close codes (P-60, A-40)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.route import WebSocketPolicy
from app.domain.policies.websocket import OriginRefused, check_origin, code_for_downstream, code_for_upstream


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [
        ((), b"https://anything.example"),
        (("https://a.example",), None),
        (("https://a.example",), b"https://A.example"),
        (("https://b.example", "https://A.example"), b"https://a.example"),
        (("*",), b"https://anything.example"),
        (("null",), b"null"),
    ],
)
def test_origins_that_pass(allowed: tuple[str, ...], origin: bytes | None) -> None:
    check_origin(WebSocketPolicy(origins=allowed), origin)


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example", b"http://a.example", b"https://a.example:444", b"https://a.example.evil", b"null", b"",
        b"https://a.example, https://evil.example", b"\xff",
    ],
)  # fmt: skip
def test_a40_origins_that_are_refused(origin: bytes) -> None:
    with pytest.raises(OriginRefused) as caught:
        check_origin(WebSocketPolicy(origins=("https://a.example",)), origin)
    assert caught.value.status == 403


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1008, 1009, 1011, 1012, 1014, 3000, 4999])
def test_p60_codes_that_may_be_spoken_are_passed_on(code: int) -> None:
    assert code_for_upstream(code) == code_for_downstream(code) == code


def test_f38_a_side_that_died_is_going_away_or_an_internal_error() -> None:
    assert code_for_upstream(1006) == 1001
    assert code_for_downstream(1006) == 1011


def test_a_close_without_code_stays_one() -> None:
    assert code_for_upstream(1005) == code_for_downstream(1005) == 1005


@given(st.integers(min_value=0, max_value=70_000))
def test_p60_what_is_passed_on_may_stand_on_the_wire(code: int) -> None:
    for passed in (code_for_upstream(code), code_for_downstream(code)):
        assert passed == 1005 or (1000 <= passed <= 1014 and passed not in {1004, 1006}) or 3000 <= passed <= 4999
