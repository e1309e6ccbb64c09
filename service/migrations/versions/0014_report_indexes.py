"""what reports and lists by street look for."""

from alembic import op

revision = "0014"
down_revision = "0013"

_INDEXES = {
    "ix_tickets_updated_at": ["updated_at"],
    "ix_tickets_promised_at": ["promised_at"],
    "ix_tickets_street_id": ["street", "id"],
}


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.create_index(name, "tickets", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "tickets")
