"""A chart: rows of a table, and bars drawn from them on the server, with every value beside its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_WIDTH = 640
_LABELS, _VALUES = 168, 96  # what names and values of lying bars take
_BAR, _GAP = 20, 8
_HEIGHT, _FOOT, _HEAD = 150, 24, 20  # of standing bars
_LEAST = 2.0  # a bar of almost nothing is still seen
_CHARACTERS = 12  # of a name beside its bar; the table has all of it
_ALL_VALUES = 16  # so many standing bars have their value above them; of more only the highest


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
    room = _WIDTH - _LABELS - _VALUES
    drawn = []
    for number, bar in enumerate(bars):
        y = number * (_BAR + _GAP)
        width = max(_LEAST, room * min(bar.value / whole, 1)) if bar.value else 0
        middle = y + _BAR / 2 + 5
        label = bar.label if len(bar.label) <= _CHARACTERS else bar.label[: _CHARACTERS - 1] + "…"
        drawn.append(
            Drawn(_LABELS, y, round(width, 1), _BAR, label, 0, middle, bar.shown, _LABELS + round(width, 1) + 8, middle)
        )
    return Drawing(_WIDTH, max(1, len(bars) * (_BAR + _GAP) - _GAP), tuple(drawn), "start")


def _standing(bars: Sequence[Bar], whole: float) -> Drawing:
    step = _WIDTH / max(len(bars), 1)
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
                label_x=round(middle, 1),
                label_y=_HEAD + _HEIGHT + 17,
                shown=bar.shown if is_told and bar.value else "",
                shown_x=round(middle, 1),
                shown_y=round(y - 5, 1),
            )
        )
    return Drawing(_WIDTH, _HEAD + _HEIGHT + _FOOT, tuple(drawn), "middle")
