"""What goes one way through a tunnel."""

from app.domain.entities.flow import Flow


def test_it_counts_and_knows_when() -> None:
    times = iter([1.0, 5.0, 9.0])
    flow = Flow(lambda: next(times))
    assert (flow.messages, flow.bytes, flow.active) == (0, 0, 1.0)
    flow.passed(3)
    flow.passed(0)
    assert (flow.messages, flow.bytes, flow.active) == (2, 3, 9.0)
