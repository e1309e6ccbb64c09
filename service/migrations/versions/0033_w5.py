"""entries that do not help are found by an index; what is typed into an entry's form is kept as a draft of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0030"

_judged = sa.text("verb IN ('helped', 'not_helped')")


def upgrade() -> None:
    op.create_index(
        "ix_kb_answers_judged",
        "kb_answers",
        ["at", "entry", "verb"],
        sqlite_where=_judged,
        postgresql_where=_judged,
    )


def downgrade() -> None:
    op.drop_index("ix_kb_answers_judged", "kb_answers")
