"""The SVG: well-formed, to scale, and with every subject that has figures."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rig.chart import LEFT, RIGHT, WIDTH, axis_end, svg
from tests.benchmarks.results import result, sample

SPACE = "{http://www.w3.org/2000/svg}"


def drawn(*rates: tuple[str, float]) -> ElementTree.Element:
    samples = [sample(name, turn, rate) for turn, (name, rate) in enumerate(rates, 1)]
    return ElementTree.fromstring(svg(result(*samples), "gateway"))  # noqa: S314 (our own)


def test_bars_are_to_scale() -> None:
    bars = drawn(("Envoy", 10_000.0), ("gateway, Granian", 20_000.0)).findall(f"{SPACE}rect")
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)
    assert widths[1] == pytest.approx(WIDTH - LEFT - RIGHT, abs=0.2)
    assert [bar.attrib["class"] for bar in bars] == ["bar", "ours"]


def test_whiskers_reach_from_min_to_max() -> None:
    tree = drawn(("gateway", 10_000.0), ("gateway", 20_000.0))
    whisker = next(line for line in tree.findall(f"{SPACE}line") if line.attrib["class"] == "whisker")
    half = (WIDTH - LEFT - RIGHT) / 2
    assert float(whisker.attrib["x1"]) == pytest.approx(LEFT + half, abs=0.2)
    assert float(whisker.attrib["x2"]) == pytest.approx(LEFT + 2 * half, abs=0.2)


def test_names_are_escaped() -> None:
    texts = [text.text for text in drawn(("a<b & c", 10.0)).findall(f"{SPACE}text")]
    assert "a<b & c" in texts


def test_a_subject_without_figures_is_not_drawn() -> None:
    failed = result(sample("Envoy", 1, 10.0, errors=1), sample("gateway", 1, 10.0))
    tree = ElementTree.fromstring(svg(failed, "gateway"))  # noqa: S314 (our own)
    assert len(tree.findall(f"{SPACE}rect")) == 1


def test_nothing_measured_is_still_a_picture() -> None:
    assert drawn().findall(f"{SPACE}rect") == []


@given(st.floats(1e-3, 1e9))
def test_the_axis_holds_the_largest_value_and_little_more(largest: float) -> None:
    assert largest <= axis_end(largest) <= largest * 1.67
