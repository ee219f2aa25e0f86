"""Charts: well-formed, inside of their frame, and with everything in them."""

import re
import xml.etree.ElementTree as ET

from tests.soak.chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Panel, chart

SVG = "{http://www.w3.org/2000/svg}"


def test_each_series_is_a_line_within_its_panel() -> None:
    picture = chart("x < y & z", [Panel("a", [(0, 5), (10, 500), (20, -3)]), Panel("b", [(0, 1), (20, 1)])])
    root = ET.fromstring(picture)  # noqa: S314  # made here
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == 2
    for number, line in enumerate(lines):
        top = TOP + number * (HEIGHT + 16)
        for x, y in (map(float, point.split(",")) for point in line.attrib["points"].split()):
            assert LEFT <= x <= WIDTH - RIGHT
            assert top <= y <= top + HEIGHT
    assert [text.text for text in root.iter(f"{SVG}text") if text.text in {"x < y & z", "a", "b"}] == [
        "x < y & z",
        "a",
        "b",
    ]


def test_larger_is_higher_and_later_is_further_right() -> None:
    points = re.findall(r'points="([\d. ,]+)"', chart("t", [Panel("a", [(0, 0), (10, 10)])]))[0].split()
    (x1, y1), (x2, y2) = (map(float, point.split(",")) for point in points)
    assert x1 < x2
    assert y1 > y2


def test_fitted_lines_and_warm_ups_are_drawn() -> None:
    plain = chart("t", [Panel("a", [(0, 0), (10, 10)])])
    rich = chart("t", [Panel("a", [(0, 0), (10, 10)], [(5, 4), (10, 9)], "unit")], warm_up=5)
    assert ('class="f"' in plain, 'class="w"' in plain) == (False, False)
    assert ('class="f"' in rich, 'class="w"' in rich, "unit" in rich) == (True, True, True)


def test_nothing_to_draw_is_a_picture_all_the_same() -> None:
    ET.fromstring(chart("t", [Panel("a", [])]))  # noqa: S314  # made here


def test_times_are_round() -> None:
    assert "10 min" in chart("t", [Panel("a", [(0, 0), (600, 1)])])
    assert "20 s" in chart("t", [Panel("a", [(0, 0), (24, 1)])])
