"""A chart: rows of a table, and bars drawn from them on the server, with every value beside its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_LYING, _STANDING = 520, 1080  # widths: about those of half a page and of a page, so that letters keep their size
_LINE, _BAR, _GAP = 24, 14, 8  # of lying bars: the name above, the bar, the space below
_VALUES = 120  # what the value beside the longest bar takes
_HEIGHT, _FOOT, _HEAD = 150, 24, 20  # of standing bars
_LEAST = 2.0  # a bar of almost nothing is still seen
_CHARACTERS = 24  # of a name above its bar; the table has all of it
_ALL_VALUES = 31  # so many standing bars have their value above them; of more only the highest
_HALF_DAY = 28  # half of what the name of a day takes


@dataclass(frozen=True, slots=True)
class Bar:
    """One value.

    Attributes:
        value: at least 0.
        shown: the value as it is written: 85.2%（23/27）.
    """

    label: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What one figure of the page shows.

    Attributes:
        key: names it on the page and in files.
        about: how it is counted, in a sentence.
        trend: how it stands to the period before, in a sentence; none where nothing was then.
        whole: the value of a full bar; the largest where it is 0.
        shape: `lying` for things by name, `standing` for days.
    """

    key: str
    title: str
    about: str
    bars: tuple[Bar, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    whole: float = 0
    shape: Literal["lying", "standing"] = "lying"
    trend: str = ""

    @property
    def summary(self) -> str:
        """What it shows, for who does not see it."""
        most = sorted(self.bars, key=lambda bar: -bar.value)[:3]
        return f"{self.title}：" + "，".join(f"{bar.label} {bar.shown}" for bar in most)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar in its place, in units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float
    label_y: float
    shown: str
    shown_x: float
    shown_y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as SVG has it."""

    width: int
    height: int
    bars: tuple[Drawn, ...]
    anchor: Literal["start", "middle"]


def draw(chart: Chart) -> Drawing:
    """Where the bars of a chart stand."""
    whole = chart.whole or max((bar.value for bar in chart.bars), default=0) or 1
    return _standing(chart.bars, whole) if chart.shape == "standing" else _lying(chart.bars, whole)


def _lying(bars: Sequence[Bar], whole: float) -> Drawing:
    room, step = _LYING - _VALUES, _LINE + _BAR + _GAP
    drawn = []
    for number, bar in enumerate(bars):
        y = number * step + _LINE
        width = round(max(_LEAST, room * min(bar.value / whole, 1)) if bar.value else 0, 1)
        label = bar.label if len(bar.label) <= _CHARACTERS else bar.label[: _CHARACTERS - 1] + "…"
        drawn.append(
            Drawn(
                x=0,
                y=y,
                width=width,
                height=_BAR,
                label=label,
                label_x=0,
                label_y=y - 7,
                shown=bar.shown,
                shown_x=width + 8 if width else 0,
                shown_y=y + 12,
            )
        )
    return Drawing(_LYING, max(1, len(bars) * step - _GAP), tuple(drawn), "start")


def _standing(bars: Sequence[Bar], whole: float) -> Drawing:
    step = _STANDING / max(len(bars), 1)
    every = -(-len(bars) // 10)  # so many days stand between two that are named
    highest = max((bar.value for bar in bars), default=0)
    drawn = []
    for number, bar in enumerate(bars):
        height = max(_LEAST, _HEIGHT * bar.value / whole) if bar.value else 0
        y = _HEAD + _HEIGHT - height
        middle = (number + 0.5) * step
        is_told = len(bars) <= _ALL_VALUES or bar.value == highest
        drawn.append(
            Drawn(
                x=round(number * step + step * 0.12, 1),
                y=round(y, 1),
                width=round(step * 0.76, 1),
                height=round(height, 1),
                label=bar.label if number % every == 0 else "",
                label_x=round(min(max(middle, _HALF_DAY), _STANDING - _HALF_DAY), 1),
                label_y=_HEAD + _HEIGHT + 17,
                shown=bar.shown if is_told and bar.value else "",
                shown_x=round(middle, 1),
                shown_y=round(y - 5, 1),
            )
        )
    return Drawing(_STANDING, _HEAD + _HEIGHT + _FOOT, tuple(drawn), "middle")
