"""The budget of useless frames and of resets."""

from app.infrastructure.downstream.http2_floods import EARLY_RESETS, IDLE_FRAMES, Patience


def test_idle_frames_run_off_with_time_and_useful_ones() -> None:
    patience = Patience(0.0)
    assert not any(patience.idle_frame(0.0) for _ in range(IDLE_FRAMES))
    patience.useful_frame()
    assert not any(patience.idle_frame(0.0) for _ in range(10))
    assert patience.idle_frame(0.0)
    assert not any(patience.idle_frame(1.0) for _ in range(99))


def test_resets_run_off_with_time_and_answers() -> None:
    patience = Patience(0.0, streams=2)
    patience.answered()
    assert not any(patience.early_reset(0.0) for _ in range(EARLY_RESETS))
    assert patience.early_reset(0.0)
    patience.answered()
    patience.answered()
    assert not patience.early_reset(0.0)
    assert not any(patience.early_reset(1.0) for _ in range(10))
    assert patience.early_reset(1.0)


def test_a_client_may_give_up_all_that_it_may_have_open() -> None:
    patience = Patience(0.0, streams=500)
    assert not any(patience.early_reset(0.0) for _ in range(500))
    assert patience.early_reset(0.0)
