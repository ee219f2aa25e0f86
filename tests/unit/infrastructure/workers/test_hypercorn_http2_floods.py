"""How much a client may do for nothing: numbers alone, without a connection (A-09, A-10, A-13)."""

from hypothesis import given
from hypothesis import strategies as st

from app.infrastructure.workers.hypercorn_http2_floods import (
    EARLY_RESETS,
    EARLY_RESETS_A_SECOND,
    FORGIVEN,
    IDLE_FRAMES,
    IDLE_FRAMES_A_SECOND,
    Patience,
)


def test_frames_without_a_use_are_allowed_up_to_their_number() -> None:
    patience = Patience(0.0)
    for _ in range(IDLE_FRAMES):
        patience.idle_frame(0.0)
    assert not patience.over
    patience.idle_frame(0.0)
    assert patience.over


def test_resets_are_allowed_up_to_their_number() -> None:
    patience = Patience(0.0)
    for _ in range(EARLY_RESETS):
        patience.early_reset(0.0)
    assert not patience.over
    patience.early_reset(0.0)
    assert patience.over


def test_whoever_may_have_more_streams_open_may_give_up_all_of_them() -> None:
    patience = Patience(0.0, streams=500)
    for _ in range(500):
        patience.early_reset(0.0)
    assert not patience.over
    patience.early_reset(0.0)
    assert patience.over


def test_few_streams_do_not_make_a_client_suspect() -> None:
    patience = Patience(0.0, streams=1)
    for _ in range(EARLY_RESETS):
        patience.early_reset(0.0)
    assert not patience.over


def test_an_answer_makes_a_reset_good_but_none_to_come() -> None:
    patience = Patience(0.0)
    for _ in range(10 * EARLY_RESETS):
        patience.answered()
    for _ in range(10 * EARLY_RESETS):
        patience.early_reset(0.0)
        patience.answered()
    assert not patience.over
    for _ in range(EARLY_RESETS + 1):
        patience.early_reset(0.0)
    assert patience.over


def test_useful_frames_make_others_good() -> None:
    patience = Patience(0.0)
    for _ in range(IDLE_FRAMES):
        for _ in range(FORGIVEN):
            patience.idle_frame(0.0)
        patience.useful_frame()
    assert not patience.over


@given(st.floats(0.0, 1e6), st.integers(1, 50))
def test_a_client_that_keeps_to_the_rates_may_stay_for_ever(start: float, rounds: int) -> None:
    patience = Patience(start)
    for number in range(rounds):
        now = start + number
        for _ in range(int(IDLE_FRAMES_A_SECOND)):
            patience.idle_frame(now)
        for _ in range(int(EARLY_RESETS_A_SECOND)):
            patience.early_reset(now)
    assert not patience.over


def test_twice_the_rate_is_too_much_in_the_end() -> None:
    patience = Patience(0.0)
    number = 0
    while not patience.over and number < 100_000:
        patience.idle_frame(number / (2 * IDLE_FRAMES_A_SECOND))
        number += 1
    assert 2 * IDLE_FRAMES - 2 <= number <= 2 * IDLE_FRAMES + 2
