"""Find the questions still to be forgotten without reading every answer ever given."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NAME = "ix_kb_answers_forgettable"


def upgrade() -> None:
    kept = sa.text("question IS NOT NULL")
    op.create_index(_NAME, "kb_answers", ["at"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    op.drop_index(_NAME, "kb_answers")
