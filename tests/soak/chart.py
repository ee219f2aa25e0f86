"""Small time series below one another, as SVG written by hand: no library draws anything this plain any smaller."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]

WIDTH: Final = 760
HEIGHT: Final = 70
LEFT: Final = 110
RIGHT: Final = 70
TOP: Final = 46
GAP: Final = 16
_STYLE: Final = (
    "text{font:12px sans-serif;fill:#333}.t{font-size:15px;font-weight:bold}.s{font-size:10px;fill:#777}"
    ".l{fill:none;stroke:#2563eb;stroke-width:1.2}.f{stroke:#d97706;stroke-width:1.2;stroke-dasharray:5 3}"
    ".b{fill:#f8fafc;stroke:#e2e8f0}.w{fill:#e2e8f0;opacity:.6}"
)


class Panel(NamedTuple):
    """One series. `line` are the ends of a fitted line, if there is one."""

    name: str
    points: Points
    line: Points = ()
    note: str = ""


def chart(title: str, panels: list[Panel], warm_up: float = 0.0) -> str:
    """The picture; the time before `warm_up` is shaded. Panels without points are left out."""
    shown = [panel for panel in panels if panel.points]
    height = TOP + len(shown) * (HEIGHT + GAP) + 20
    until = max((panel.points[-1][0] for panel in shown), default=1.0) or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/><text class="t" x="10" y="26">{escape(title)}</text>',
    ]
    for number, panel in enumerate(shown):
        parts += _panel(panel, TOP + number * (HEIGHT + GAP), until, warm_up)
    parts += [_time(seconds, until, height) for seconds in _ticks(until)]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, top: float, until: float, warm_up: float) -> list[str]:
    values = [value for _, value in (*panel.points, *panel.line)]
    low, high = min(values), max(values)
    if high - low < 1:  # A flat series stays a line in the middle instead of noise from edge to edge.
        low, high = low - 1, high + 1

    def place(point: tuple[float, float]) -> str:
        share = (point[1] - low) / (high - low)
        return f"{_x(point[0], until):.1f},{top + HEIGHT - 4 - share * (HEIGHT - 8):.1f}"

    middle, right = top + HEIGHT / 2, WIDTH - RIGHT
    parts = [
        f'<rect class="b" x="{LEFT}" y="{top}" width="{right - LEFT}" height="{HEIGHT}"/>',
        f'<text x="10" y="{middle}">{escape(panel.name)}</text>',
        f'<text class="s" x="10" y="{middle + 14}">{escape(panel.note)}</text>',
        f'<text class="s" x="{right + 6}" y="{top + 10}">{_short(high)}</text>',
        f'<text class="s" x="{right + 6}" y="{top + HEIGHT}">{_short(low)}</text>',
    ]
    if warm_up:
        width = _x(min(warm_up, until), until) - LEFT
        parts.append(f'<rect class="w" x="{LEFT}" y="{top}" width="{width:.1f}" height="{HEIGHT}"/>')
    parts.append(f'<polyline class="l" points="{" ".join(map(place, panel.points))}"/>')
    if panel.line:
        (x1, y1), (x2, y2) = (place(point).split(",") for point in panel.line)
        parts.append(f'<line class="f" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>')
    return parts


def _x(seconds: float, until: float) -> float:
    return LEFT + seconds / until * (WIDTH - LEFT - RIGHT)


def _ticks(until: float) -> list[float]:
    """Four to eight round times, in seconds."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((step for step in steps if until / step <= 8), 7200)
    return [float(at) for at in range(0, int(until) + 1, step)]


def _time(seconds: float, until: float, height: int) -> str:
    text = f"{seconds / 60:g} min" if until >= 120 else f"{seconds:g} s"
    return f'<text class="s" x="{_x(seconds, until):.1f}" y="{height - 8}" text-anchor="middle">{text}</text>'


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
