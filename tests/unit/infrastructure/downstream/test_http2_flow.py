"""A window that a client fills."""

from app.infrastructure.downstream.http2_flow import Inflow


def test_a_window_is_opened_again_in_halves() -> None:
    inflow = Inflow(100)
    assert inflow.came(60)
    assert inflow.taken(49) == 0
    assert inflow.taken(11) == 60
    assert inflow.came(100)
    assert not inflow.came(1)
