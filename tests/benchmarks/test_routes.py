"""The workload of tables of routes, with a small table."""

from typing import ClassVar

from benchmarks.load.routes import document
from benchmarks.rig.alone import Routes
from benchmarks.rig.model import Amount, Sample, Settings


class Small(Routes):
    cases: ClassVar = {
        "10 routes": ("--routes", "10"),
        "1,000 routes": ("--routes", "1000"),
        "none": ("--routes", "many"),
    }


def test_every_size_is_measured_once_a_round() -> None:
    seen: list[Sample] = []
    nothing = Amount(0.0, 0, 0)
    result = Small().run(Settings(1, nothing, nothing), None, lambda _: None, seen.append)
    ten, thousand, wrong = result.samples
    assert seen == result.samples
    assert len(seen) == Small().steps(1)
    assert ten.metrics["match_us"] > 0
    assert "kib" not in ten.metrics
    assert 0 < thousand.metrics["kib"] < 100
    assert "invalid int value" in wrong.problem
    assert not wrong.valid


def test_the_document_has_every_kind_of_route() -> None:
    routes = document(20)["routes"]
    assert len(routes) == 20
    assert sum("headers" in route["match"] for route in routes.values()) == 2
    assert sum("methods" in route["match"] for route in routes.values()) == 2
