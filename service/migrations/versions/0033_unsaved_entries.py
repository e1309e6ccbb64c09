"""pages of the console read no more than they show; what is typed into an entry's form is kept apart from its draft."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0033"
down_revision = "0032"

_grouped = sa.text("gap IS NOT NULL")
_judged = sa.text("verb IN ('helped', 'not_helped')")


_open = (
    "state IN ('accepted', 'callback', 'disputed', 'dispatched', 'extension_requested', 'in_progress', "
    "'joint_investigation', 'replied', 'return_requested', 'submitted', 'suspended')"
)
_TICKETS = {
    "called_id": (["called", "id"], None),
    "urgency_id": (["urgency", "id"], None),
    "open_handler": (["handler", "step_due", "id"], sa.text(_open)),
    "open_kind": (["kind", "promised_at", "id"], sa.text(_open)),
    "open_returned": (["step_due", "id"], sa.text(f"{_open} AND returns > 0")),
}


def upgrade() -> None:
    for name, (columns, where) in _TICKETS.items():
        op.create_index(f"ix_tickets_{name}", "tickets", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_kb_answers_judged",
        "kb_answers",
        ["at", "entry", "verb"],
        sqlite_where=_judged,
        postgresql_where=_judged,
    )
    op.create_index(
        "ix_kb_answers_newest_of_group", "kb_answers", ["gap", "id"], sqlite_where=_grouped, postgresql_where=_grouped
    )
    op.create_table(
        "kb_unsaved",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("seen", sa.String(40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("person", "slug", name=op.f("pk_kb_unsaved")),
    )
    op.create_index(op.f("ix_kb_unsaved_at"), "kb_unsaved", ["at"])
    op.create_index(op.f("ix_kb_unsaved_person_at"), "kb_unsaved", ["person", "at"])


def downgrade() -> None:
    for name in _TICKETS:
        op.drop_index(f"ix_tickets_{name}", "tickets")
    op.drop_table("kb_unsaved")
    op.drop_index("ix_kb_answers_newest_of_group", "kb_answers")
    op.drop_index("ix_kb_answers_judged", "kb_answers")
