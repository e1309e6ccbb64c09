"""units change on a day, with history, a phone and a successor; keys for other systems may expire."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0032"
down_revision = "0031"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("units", sa.Column("phone", sa.String(40)))
    op.add_column("units", sa.Column("successor", sa.String(40)))
    op.add_column("api_keys", sa.Column("expires_on", sa.Date()))
    op.add_column("dispatch_history", sa.Column("reason", sa.String(500)))
    op.create_table(
        "unit_history",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_history")),
    )
    op.create_index(op.f("ix_unit_history_code_id"), "unit_history", ["code", "id"])
    op.create_table(
        "unit_plans",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("begun_at", Moment()),
        sa.Column("withdrawn_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_plans")),
    )
    op.create_index(op.f("ix_unit_plans_begun_at_withdrawn_at"), "unit_plans", ["begun_at", "withdrawn_at"])


def downgrade() -> None:
    op.drop_table("unit_plans")
    op.drop_table("unit_history")
    op.drop_column("dispatch_history", "reason")
    op.drop_column("api_keys", "expires_on")
    op.drop_column("units", "successor")
    op.drop_column("units", "phone")
