"""A short run of the history checker over real processes: no window holds too much, whatever happens to the store."""

import pytest

from tests.limits.__main__ import lines
from tests.limits.run import FAULTS, Plan, run


@pytest.mark.parametrize(("store", "fault"), [*(("redis", fault) for fault in FAULTS), ("host", "none")])
async def test_limits_hold(store: str, fault: str) -> None:
    """G-16. How often workers are refused or not answered is for a machine with nothing else to do."""
    verdict = await run(Plan(12_000, 2, 3000.0, fault, store))
    assert verdict.violations == []
    assert verdict.decisions >= 12_000
    assert verdict.lies == 0 or fault != "none"
    assert not any("violation " in line for line in lines(verdict))
    if fault in ("kill", "pause"):
        assert verdict.down
    if fault == "none":
        assert verdict.false_refusals.total() == 0
