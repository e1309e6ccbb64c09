"""Why something is changed and from when, as every form of settings asks for it (macro `why_and_when`)."""

from datetime import datetime

from console.forms import Form
from service.clock import china_date, china_moment
from service.kept.tables import NOTE_LIMIT

_AT_ONCE = "不填就是马上生效"


def read_note(form: Form) -> str:
    """Why it is changed."""
    return form.text("note", missing="请写明为什么改，会留在历史里。", limit=NOTE_LIMIT)


def read_begins(form: Form, now: datetime) -> datetime | None:
    """From when it counts: the beginning of a day in China; None for at once, today included."""
    day, today = form.day("begins", without=_AT_ONCE), china_date(now)
    if day is not None and day < today:
        form.complain("begins", f"生效日期不能早于今天；{_AT_ONCE}。")
    return china_moment(day) if day is not None and day > today else None
