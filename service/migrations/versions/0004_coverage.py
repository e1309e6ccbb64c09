"""What found no answer and what becomes of it: open questions, their groups, tasks and notices."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _answer_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("clicked", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(60), nullable=True),
        sa.Column("offered", sa.JSON(), nullable=True),
        sa.Column("nearest", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("settles_at", Moment(), nullable=True),
        sa.Column("gap", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.String(12), nullable=True),
    )


def upgrade() -> None:
    for column in _answer_columns():
        op.add_column("kb_answers", column)
    op.create_index("ix_kb_answers_conversation_id", "kb_answers", ["conversation", "id"])
    op.create_index("ix_kb_answers_gap_conversation", "kb_answers", ["gap", "conversation"])
    unsettled, grouped = sa.text("settles_at IS NOT NULL"), sa.text("gap IS NOT NULL")
    op.create_index(
        "ix_kb_answers_unsettled", "kb_answers", ["settles_at"], sqlite_where=unsettled, postgresql_where=unsettled
    )
    op.create_index("ix_kb_answers_open", "kb_answers", ["at", "gap"], sqlite_where=grouped, postgresql_where=grouped)
    # A button asks without words; of a question whose wording was forgotten this can no longer be told apart.
    op.execute("UPDATE kb_answers SET clicked = true WHERE verb = 'answer' AND question IS NULL AND probability = 1")
    # What was asked before is grouped as well.
    op.execute(
        "UPDATE kb_answers SET settles_at = at"
        " WHERE question IS NOT NULL AND verb IN ('answer', 'choices', 'no_answer')"
    )

    op.add_column("kb_entries", sa.Column("review_by", sa.Date(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE kb_entries SET review_by = json_extract(content, '$.review_by')")
    else:
        op.execute("UPDATE kb_entries SET review_by = (content::json->>'review_by')::date")
    op.create_index("ix_kb_entries_review_by", "kb_entries", ["review_by"])

    op.create_table(
        "kb_gaps",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("space", sa.String(40), nullable=False),
        sa.Column("centre", sa.LargeBinary(), nullable=True),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.String(100), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closed_by", sa.String(64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_kb_gaps"),
    )
    op.create_index("ix_kb_gaps_changed", "kb_gaps", ["changed"])
    op.create_index("ix_kb_gaps_entry", "kb_gaps", ["entry"])
    op.create_index("ix_kb_gaps_state_last_at", "kb_gaps", ["state", "last_at"])
    op.create_table(
        "kb_gap_words",
        sa.Column("space", sa.String(40), nullable=False),
        sa.Column("texts", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("mean", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space", name="pk_kb_gap_words"),
    )

    op.create_table(
        "tasks",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("unit", sa.String(100), nullable=False),
        sa.Column("assignee", sa.String(64), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("key", name="uq_tasks_key"),
    )
    op.create_index("ix_tasks_subject_kind", "tasks", ["subject", "kind"])
    undone = sa.text("done_at IS NULL")
    op.create_index("ix_tasks_open", "tasks", ["due_on", "unit"], sqlite_where=undone, postgresql_where=undone)
    op.create_table(
        "outbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_outbox_waiting", "outbox", ["due_at"], sqlite_where=unsent, postgresql_where=unsent)


def downgrade() -> None:
    for table in ("outbox", "tasks", "kb_gap_words", "kb_gaps"):
        op.drop_table(table)
    op.drop_index("ix_kb_entries_review_by", "kb_entries")
    op.drop_column("kb_entries", "review_by")
    for index in ("open", "unsettled", "gap_conversation", "conversation_id"):
        op.drop_index(f"ix_kb_answers_{index}", "kb_answers")
    for column in reversed(_answer_columns()):
        op.drop_column("kb_answers", column.name)
