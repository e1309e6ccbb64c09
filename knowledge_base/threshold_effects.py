"""What other thresholds would have done to the questions people asked lately."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from knowledge_base.tables import answers

_LATELY = timedelta(days=30)
_ENOUGH = 5_000  # questions: more would tell the same
_DECISIONS = ("answer", "choices", "no_answer")


@dataclass(frozen=True, slots=True)
class Effect:
    """What thresholds would do.

    Attributes:
        answered, offered: shares of the questions (0 to 1); the rest finds no answer.
        right: how many of those answered would be right by the stated, calibrated probability (0 to 1); None where
            none is answered.
    """

    answer_at: float
    offer_at: float
    answered: float
    offered: float
    right: float | None

    @property
    def unanswered(self) -> float:
        """The share that finds no answer."""
        return 1 - self.answered - self.offered


def lately_stated(at: datetime) -> Callable[[Connection], Sequence[float]]:
    """A unit of work: the probabilities stated for the newest questions, asked in people's own words."""
    table = answers.c
    newest = (
        select(table.probability)
        .where(table.at > at - _LATELY, table.verb.in_(_DECISIONS), table.probability.is_not(None))
        .where(table.clicked.is_(False))
        .order_by(table.at.desc())
        .limit(_ENOUGH)
    )
    return lambda connection: connection.scalars(newest).all()


def effect(stated: Sequence[float], answer_at: float, offer_at: float) -> Effect:
    """What these thresholds would have done; there must be questions."""
    answered = [probability for probability in stated if probability >= answer_at]
    offered = sum(offer_at <= probability < answer_at for probability in stated)
    right = sum(answered) / len(answered) if answered else None
    return Effect(answer_at, offer_at, len(answered) / len(stated), offered / len(stated), right)
