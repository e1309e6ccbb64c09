"""tickets whose requester says that it is not solved have a state of their own, and are open as well."""

from alembic import op
from sqlalchemy import text

revision = "0015"
down_revision = "0014"

_BEFORE = (
    "accepted", "callback", "dispatched", "extension_requested", "in_progress", "joint_investigation", "replied",
    "return_requested", "submitted", "suspended",
)  # fmt: skip
_INDEXES = {
    "state_step": ["state", "step_due", "id"],
    "lead_state": ["lead", "state", "promised_at", "id"],
    "called": ["called", "id"],
    "promised": ["promised_at", "id"],
    "step": ["step_due", "id"],
}
_UPDATE = """
    UPDATE tickets SET state = 'disputed' WHERE state = 'callback' AND id IN (
        SELECT ticket_id FROM ticket_surveys AS said
        WHERE NOT solved AND reasonable IS NULL
          AND id = (SELECT max(id) FROM ticket_surveys WHERE ticket_id = said.ticket_id)
    )
"""


def upgrade() -> None:
    op.execute(_UPDATE)
    _index_open(*_BEFORE, "disputed")


def downgrade() -> None:
    op.execute("UPDATE tickets SET state = 'callback' WHERE state = 'disputed'")
    _index_open(*_BEFORE)


def _index_open(*states: str) -> None:
    condition = text(f"state IN ({', '.join(repr(state) for state in sorted(states))})")
    for name, columns in _INDEXES.items():
        op.drop_index(f"ix_tickets_open_{name}", "tickets")
        op.create_index(
            f"ix_tickets_open_{name}", "tickets", columns, sqlite_where=condition, postgresql_where=condition
        )
