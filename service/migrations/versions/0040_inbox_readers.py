"""What colleagues have read of the inbox can be looked up.

Revision ID: 0040
Revises: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Find lines by their recipient, read or not."""
    op.create_index("ix_inbox_recipient_id", "inbox", ["recipient", "id"])


def downgrade() -> None:
    """Go back to unread ones only."""
    op.drop_index("ix_inbox_recipient_id", "inbox")
