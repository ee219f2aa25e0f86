"""A result as an SVG: one bar for each subject with a whisker from min to max. Readable on light and dark pages."""

import math
from html import escape

from benchmarks.rig.model import Metric, Result
from benchmarks.rig.statistics import Spread, spread_of, subjects_of
from benchmarks.rig.table import number

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760, 190, 90, 64, 34
STEP, BAR = 30, 18
STYLE = """
  :root { color-scheme: light dark; }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .small { font-size: 11px; fill: #656d76; }
  .bar { fill: #a9b4c0; }
  .ours { fill: #2f81f7; }
  .name-ours { font-weight: 600; }
  .whisker { stroke: #1f2328; stroke-width: 1.5; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #8d96a0; }
    .bar { fill: #57606a; }
    .ours { fill: #4493f8; }
    .whisker { stroke: #e6edf3; }
    .grid { stroke: #30363d; }
  }
"""


def svg(result: Result, highlighted: str) -> str:
    """The chart of a result's first figure. Subjects without a valid sample are not drawn."""
    metric = result.metrics[0]
    bars = [(name, figures) for name in subjects_of(result) if (figures := spread_of(result, name, metric.key))]
    limit = axis_end(max((figures.maximum for _, figures in bars), default=0.0))
    height = TOP + STEP * len(bars) + BOTTOM
    scale = (WIDTH - LEFT - RIGHT) / limit
    title = escape(result.title)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="16" y="26">{title}</text>',
        f'<text class="small" x="16" y="44">{escape(_legend(metric))}</text>',
        *_axis(limit, scale, height, metric),
    ]
    for index, (name, figures) in enumerate(bars):
        parts += _bar(name, figures, (TOP + STEP * index, scale, metric.digits), ours=name.startswith(highlighted))
    return "\n".join([*parts, "</svg>", ""])


def axis_end(largest: float) -> float:
    """The end of the axis: 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten, and no less than `largest`."""
    if largest <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= largest)


def _legend(metric: Metric) -> str:
    return f"{metric.unit}: {metric.better} is better; bar: median, line: smallest to largest"


def _axis(limit: float, scale: float, height: int, metric: Metric) -> list[str]:
    parts = []
    bottom = height - BOTTOM
    digits = 0 if limit >= 10 else max(metric.digits, 1)
    for quarter in range(5):
        value = limit * quarter / 4
        x = LEFT + value * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(
            f'<text class="small" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{number(value, digits)}</text>'
        )
    return parts


def _bar(name: str, figures: Spread, geometry: tuple[int, float, int], *, ours: bool) -> list[str]:
    """`geometry`: top of the row, pixels for each unit, digits of the number."""
    top, scale, digits = geometry
    middle, low, high = top + BAR / 2, LEFT + figures.minimum * scale, LEFT + figures.maximum * scale
    text = middle + 4.5
    return [
        f'<text class="{"name-ours" if ours else "name"}" x="{LEFT - 10}" y="{text}" text-anchor="end">'
        f"{escape(name)}</text>",
        f'<rect class="{"ours" if ours else "bar"}" x="{LEFT}" y="{top}" width="{figures.median * scale:.1f}" '
        f'height="{BAR}" rx="2"/>',
        f'<line class="whisker" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>',
        *(
            f'<line class="whisker" x1="{x:.1f}" y1="{middle - 4}" x2="{x:.1f}" y2="{middle + 4}"/>'
            for x in (low, high)
        ),
        f'<text x="{high + 8:.1f}" y="{text}">{number(figures.median, digits)}</text>',
    ]
