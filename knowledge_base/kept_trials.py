"""Trials of changes as they are kept between trying and publishing. The questions in them are sealed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, insert, select

from knowledge_base.gate import Trial
from knowledge_base.tables import trials
from service.encryption import Cipher

GOOD_FOR = timedelta(hours=2)
"""How long a trial is believed: the entries around and the questions people ask change."""

_TRIAL = TypeAdapter(Trial)


def keep_trial(cipher: Cipher, slug: str, number: int, trial: Trial, at: datetime) -> Callable[[Connection], None]:
    """A unit of work: keep what was found out about a version, in place of what was before."""
    sealed = cipher.encrypt_text(_TRIAL.dump_json(asdict(trial)).decode())  # type: ignore[arg-type]

    def work(connection: Connection) -> None:
        this = (trials.c.slug == slug) & (trials.c.number == number)
        connection.execute(delete(trials).where(this))
        connection.execute(insert(trials).values(slug=slug, number=number, at=at, result=sealed))

    return work


def kept_trial(cipher: Cipher, slug: str, number: int, at: datetime) -> Callable[[Connection], Trial | None]:
    """A unit of work: what was found out lately; None if nothing."""
    lately = (trials.c.slug == slug) & (trials.c.number == number) & (trials.c.at >= at - GOOD_FOR)

    def work(connection: Connection) -> Trial | None:
        sealed = connection.scalar(select(trials.c.result).where(lately))
        return None if sealed is None else _TRIAL.validate_json(cipher.decrypt_text(sealed) or "")

    return work


def forget_trial(connection: Connection, slug: str, number: int) -> None:
    """What was found out is about something else than would be published now."""
    connection.execute(delete(trials).where(trials.c.slug == slug, trials.c.number == number))


def forget_trials(connection: Connection, at: datetime) -> int:
    """Delete what is believed no longer; how many trials."""
    return connection.execute(delete(trials).where(trials.c.at < at - GOOD_FOR)).rowcount
