"""How a figure stands to that of the period before, in words."""


def change(now: int, before: int) -> str:
    """The difference of two counts, with its sign: +12, −3, 0."""
    return signed(now - before, str(abs(now - before)))


def points(now: float | None, before: float | None) -> str:
    """The difference of two rates in percentage points: +3.1 点; a dash where there is nothing to compare."""
    if now is None or before is None:
        return "—"
    difference = round((now - before) * 100, 1)
    return f"{signed(difference, f'{abs(difference):.1f}')} 点"


def signed(difference: float, written: str) -> str:
    """A number with the sign that people read: a true minus, nothing before a zero."""
    return written if not difference else f"+{written}" if difference > 0 else f"−{written}"


def compared(now: int, before: int, unit: str, named: str) -> str:
    """A count beside the one before, as a sentence: 比前 30 天（…）多 12 张（+10%）.

    Args:
        named: the period before, as people call it.
    """
    if not before:
        return ""
    if now == before:
        return f"和{named}一样多。"
    word = "多" if now > before else "少"
    share = signed(now - before, f"{abs(now - before) / before:.0%}")
    return f"比{named}{word} {abs(now - before)} {unit}（{share}）。"
