"""Why something is changed and from when, as every form of settings asks for it (macro `why_and_when`)."""

from datetime import date, datetime

from console.forms import Form
from service.clock import china_moment
from service.kept.tables import NOTE_LIMIT


def read_note(form: Form) -> str:
    """Why it is changed."""
    return form.text("note", missing="请写明为什么改，会留在历史里。", limit=NOTE_LIMIT)


def read_begins(form: Form, now: datetime) -> datetime | None:
    """From when it counts: the beginning of a day in China; None for at once, today included."""
    typed = form.text("begins")
    if not typed:
        return None
    try:
        begins = china_moment(date.fromisoformat(typed))
    except ValueError:
        form.complain("begins", "日期要写成 2026-12-01 这样，或者从日历里选；不填就是马上生效。")
        return None
    if begins > now:
        return begins
    if begins < china_moment(now.astimezone(begins.tzinfo).date()):
        form.complain("begins", "生效日期不能早于今天；不填就是马上生效。")
    return None
