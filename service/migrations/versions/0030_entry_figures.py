"""the figures of an entry are counted in an index alone."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_index(op.f("ix_kb_answers_entry_at_verb_reason"), "kb_answers", ["entry", "at", "verb", "reason"])
    op.drop_index(op.f("ix_kb_answers_entry"), "kb_answers")


def downgrade() -> None:
    op.create_index(op.f("ix_kb_answers_entry"), "kb_answers", ["entry"])
    op.drop_index(op.f("ix_kb_answers_entry_at_verb_reason"), "kb_answers")
