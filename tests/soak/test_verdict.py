"""What breaks a bound, and what does not."""

from typing import Any

import msgspec
import pytest

from tests.soak.sample import COUNTED, MIB, Sample
from tests.soak.verdict import STRAY, Run, is_back, judge

BASE = Sample(
    seconds=0, rss=50 * MIB, fds=20, established=0, half_closed=0, tasks=4, upstreams=1, busy=0, idle=0, waiting=0,
    watched=0, blocks=100_000, collections=3,
)  # fmt: skip


def run(growth: float = 0.0, **changes: Any) -> Run:
    """A run of ten minutes whose memory grows by `growth` MiB an hour, and which is as it should be otherwise."""
    samples = [
        msgspec.structs.replace(BASE, seconds=second, rss=round((60 + growth * second / 3600) * MIB))
        for second in range(600)
    ]
    values = {
        "rests": samples[::40],
        "before": BASE,
        "after": BASE,
        "samples": samples,
        "warm_up": 200.0,
        "last_ok": 1000,
        "last_count": 1000,
    }
    return Run(**{**values, **changes})


def failed(seen: Run) -> list[str]:
    return [row.name for row in judge(seen) if not row.ok]


def test_a_good_run() -> None:
    assert failed(run()) == []


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_left_is_a_failure(name: str) -> None:
    more = STRAY.get(name, 0)
    stray = msgspec.structs.replace(BASE, **{name: getattr(BASE, name) + more})
    left = msgspec.structs.replace(BASE, **{name: getattr(BASE, name) + more + 1})
    assert (is_back(BASE, stray), is_back(BASE, left)) == (True, False)
    assert failed(run(after=stray)) == []
    assert failed(run(after=left)) == [name]


@pytest.mark.parametrize(("growth", "fails"), [(-5, []), (9.5, []), (11, ["rss (MiB)"])])
def test_memory_that_grows_in_minutes(growth: float, fails: list[str]) -> None:
    """The last 360 s are measured: a growth of 1 MiB in them is 10 MiB an hour."""
    assert failed(run(growth)) == fails


@pytest.mark.parametrize(("growth", "fails"), [(0.9, []), (1.1, ["rss (MiB)"])])
def test_memory_that_grows_in_hours(growth: float, fails: list[str]) -> None:
    rests = [
        msgspec.structs.replace(BASE, seconds=second, rss=round((60 + growth * second / 3600) * MIB))
        for second in range(0, 7200, 60)
    ]
    assert failed(run(rests=rests)) == fails


def test_what_is_left_while_traffic_rests_is_a_failure() -> None:
    rests = run().rests
    rests[3] = msgspec.structs.replace(rests[3], busy=1)
    assert failed(run(rests=rests)) == ["rests"]
    assert failed(run(rests=[])) == ["rests"]


def test_other_faults() -> None:
    assert failed(run(last_ok=999)) == ["last requests"]
    assert failed(run(last_ok=0, last_count=0)) == ["last requests"]
    assert failed(run(unexpected=["a hang"])) == ["unexpected answers"]
    assert failed(run(bad_lines=["Traceback"])) == ["faults in the log"]


def test_without_a_warm_up_memory_is_not_judged() -> None:
    assert "rss (MiB)" not in [row.name for row in judge(run(warm_up=0))]
