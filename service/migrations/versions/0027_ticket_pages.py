"""what the tickets' pages keep: filters people use again, beginnings of replies, drafts of replies."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0027"
down_revision = "0026"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("query", sa.String(500), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("person", "name", name=op.f("uq_saved_filters_person_name")),
    )
    op.create_table(
        "reply_templates",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("unit", sa.String(40)),
        sa.Column("category", sa.String(60)),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_templates")),
    )
    op.create_index(op.f("ix_reply_templates_unit"), "reply_templates", ["unit"])
    op.create_table(
        "reply_drafts",
        sa.Column("ticket_id", _RowId, nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_reply_drafts_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", "person", name=op.f("pk_reply_drafts")),
    )


def downgrade() -> None:
    op.drop_table("reply_drafts")
    op.drop_table("reply_templates")
    op.drop_table("saved_filters")
