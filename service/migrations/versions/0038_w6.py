"""What colleagues have read of the inbox can be looked up.

Revision ID: 0038_w6
Revises: 0038_w4
"""

from alembic import op

revision = "0038_w6"
down_revision = "0038_w4"


def upgrade() -> None:
    """Find lines by their recipient, read or not."""
    op.create_index("ix_inbox_recipient_id", "inbox", ["recipient", "id"])


def downgrade() -> None:
    """Go back to unread ones only."""
    op.drop_index("ix_inbox_recipient_id", "inbox")
