"""what was told of one ticket is found by an index."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_index(op.f("ix_outbox_subject_id"), "outbox", ["subject", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_subject_id"), "outbox")
