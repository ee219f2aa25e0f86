from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.lease_span import DRIFT, Span
from app.domain.policies.lease_ticks import TICKS

seconds = st.floats(0.0, 2.0)


@given(there=seconds, back=seconds, later=seconds, speed=st.floats(1 - DRIFT, 1 + DRIFT), ahead=st.floats(-1e3, 1e6))
def test_the_true_time_is_within_the_bounds(
    there: float, back: float, later: float, speed: float, ahead: float
) -> None:
    """The other clock runs at another speed; it was read `there` seconds after the question set out."""
    read = 1_000_000.0
    span = Span(int(read * 1e6) * 16, ahead - there, ahead + back)
    now = ahead + back + later
    truth = (read + (now - ahead) * speed) * TICKS
    assert span.earliest(now) <= truth + 1
    assert span.latest(now) >= truth - 1


def test_the_bounds_are_those_of_the_message() -> None:
    span = Span(1000 * TICKS, 5.0, 5.5)
    assert (span.earliest(5.5), span.latest(5.0)) == (1000 * TICKS, 1000 * TICKS + 16)
    assert span.latest(5.5) > 1000.5 * TICKS
