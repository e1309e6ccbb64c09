"""keys for other systems, what they were answered, places from portals, and the audit."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0013"
down_revision = "0012"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("deed", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("details", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_index(op.f("ix_audit_subject_id"), "audit", ["subject", "id"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment()),
        sa.Column("revoked_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
    )
    op.create_table(
        "api_answered_requests",
        sa.Column("api_key", sa.String(12), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["api_key"], ["api_keys.id"], name=op.f("fk_api_answered_requests_api_key")),
        sa.PrimaryKeyConstraint("api_key", "idempotency_key", name=op.f("pk_api_answered_requests")),
    )
    op.create_index(op.f("ix_api_answered_requests_at"), "api_answered_requests", ["at"])
    op.create_table(
        "open311_places",
        sa.Column("ticket_id", _RowId, nullable=False),
        sa.Column("coordinates", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_open311_places_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_open311_places")),
    )


def downgrade() -> None:
    for table in ("open311_places", "api_answered_requests", "api_keys", "audit"):
        op.drop_table(table)
