"""The whole life of a ticket: units, clocks, surveys, links; what staff are to know."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = (
    "state IN ('accepted', 'callback', 'dispatched', 'extension_requested', 'in_progress', 'joint_investigation',"
    " 'replied', 'return_requested', 'submitted', 'suspended')"
)
_BATCH = 1000
_ZERO = sa.text("0")
_OPEN_INDEXES = {
    "state_step": ["state", "step_due", "id"],
    "lead_state": ["lead", "state", "promised_at", "id"],
    "called": ["called", "id"],
    "promised": ["promised_at", "id"],
    "step": ["step_due", "id"],
}
_INDEXES = {"lead_id": ["lead", "id"], "state_id": ["state", "id"], "category_id": ["category", "id"]}


def _ticket_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("revision", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("urgency", sa.String(10), nullable=False, server_default="normal"),
        sa.Column("street", sa.String(40), nullable=True),
        sa.Column("community", sa.String(40), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("category", sa.String(60), nullable=True),
        sa.Column("lead", sa.String(40), nullable=True),
        sa.Column("called", sa.String(40), nullable=True),
        sa.Column("handler", sa.String(64), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("reworks", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("extensions", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("merged_into", _ID, nullable=True),
        sa.Column("external", sa.String(60), nullable=True),
        sa.Column("promised_at", Moment(), nullable=True),
        sa.Column("dispatched_at", Moment(), nullable=True),
        sa.Column("step_due", Moment(), nullable=True),
        sa.Column("clocks", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("asked_extension", sa.String(20), nullable=True),
        sa.Column("urged_at", Moment(), nullable=True),
        sa.Column("active_at", Moment(), nullable=True),
        sa.Column("check_at", Moment(), nullable=True),
        sa.Column("watch", sa.JSON(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
    )


def _give_clocks() -> None:
    """The promise of every ticket registered before there were clocks, as `Countdown.as_json` writes one."""
    tickets = sa.table(
        "tickets",
        sa.column("id", _ID),
        sa.column("created_at", Moment()),
        sa.column("promised_at", Moment()),
        sa.column("clocks", sa.JSON()),
    )
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(tickets).where(tickets.c.id > last).order_by(tickets.c.id).limit(_BATCH)
    ).all():
        last = rows[-1].id
        connection.execute(
            sa.update(tickets).where(tickets.c.id == sa.bindparam("ticket")).values(clocks=sa.bindparam("given")),
            [{"ticket": row.id, "given": {"promise": _promise(row.created_at, row.promised_at)}} for row in rows],
        )


def _promise(created_at: datetime, promised_at: datetime) -> dict[str, Any]:
    return {
        "term": "promise",
        "calendar": "office",
        "rule": "",
        "started_at": created_at.isoformat(),
        "due_at": promised_at.isoformat(),
        "paused_at": None,
        "paused_until": None,
        "paused": 0,
        "extensions": 0,
        "unknown_years": [],
    }


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for column in _ticket_columns():
        op.add_column("tickets", column)
    # A promised day meant the close of business in China.
    close = (
        "promised_by || ' 09:30:00.000000'" if sqlite else "(promised_by + time '17:30') AT TIME ZONE 'Asia/Shanghai'"
    )
    op.execute(f"UPDATE tickets SET promised_at = {close}")  # noqa: S608  # no value from outside
    op.execute("UPDATE tickets SET closed_at = updated_at WHERE state IN ('resolved', 'withdrawn')")
    op.execute("UPDATE tickets SET active_at = updated_at")
    op.execute("UPDATE tickets SET step_due = promised_at, check_at = updated_at WHERE closed_at IS NULL")
    _give_clocks()
    with op.batch_alter_table("tickets") as batch:
        batch.alter_column("promised_at", existing_type=Moment(), nullable=False)
        batch.alter_column("active_at", existing_type=Moment(), nullable=False)
        batch.drop_column("promised_by")
        batch.create_unique_constraint("uq_tickets_external", ["external"])
        batch.create_foreign_key("fk_tickets_merged_into", "tickets", ["merged_into"], ["id"])
    for name, columns in _OPEN_INDEXES.items():
        condition = sa.text(_OPEN)
        op.create_index(
            f"ix_tickets_open_{name}", "tickets", columns, sqlite_where=condition, postgresql_where=condition
        )
    for name, columns in _INDEXES.items():
        op.create_index(f"ix_tickets_{name}", "tickets", columns)
    op.create_index("ix_tickets_check_at", "tickets", ["check_at"])
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_tickets_merged_into", "tickets", ["merged_into"], sqlite_where=merged, postgresql_where=merged)

    for column in (
        sa.Column("unit", sa.String(40), nullable=True),
        sa.Column("source", sa.String(20), nullable=True),
        sa.Column("target", sa.String(20), nullable=True),
        sa.Column("details", sa.JSON(), nullable=True),
    ):
        op.add_column("ticket_timeline", column)
    op.add_column("staff", sa.Column("units", sa.JSON(), nullable=False, server_default="[]"))

    op.create_table(
        "ticket_units",
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("part", sa.String(15), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("replied_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_units_ticket_id"),
        sa.PrimaryKeyConstraint("ticket_id", "unit", "part", name="pk_ticket_units"),
    )
    op.create_index("ix_ticket_units_unit_ticket_id", "ticket_units", ["unit", "ticket_id"])
    op.create_table(
        "ticket_surveys",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("unit", sa.String(40), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("reasonable", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_surveys_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_surveys"),
    )
    op.create_index("ix_ticket_surveys_ticket_id", "ticket_surveys", ["ticket_id"])
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_links_ticket_id"),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name="fk_ticket_links_other_id"),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name="pk_ticket_links"),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("parent", sa.String(40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_units"),
        sa.UniqueConstraint("name", name="uq_units_name"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("recipient", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("read_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    unread = sa.text("read_at IS NULL")
    op.create_index("ix_inbox_unread", "inbox", ["recipient", "id"], sqlite_where=unread, postgresql_where=unread)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("inbox", "units", "ticket_links", "ticket_surveys", "ticket_units"):
        op.drop_table(table)
    op.drop_column("staff", "units")
    for name in ("details", "target", "source", "unit"):
        op.drop_column("ticket_timeline", name)
    for name in (*(f"open_{name}" for name in _OPEN_INDEXES), *_INDEXES, "check_at", "merged_into"):
        op.drop_index(f"ix_tickets_{name}", "tickets")
    op.add_column("tickets", sa.Column("promised_by", sa.Date(), nullable=True))
    day = "date(promised_at, '+8 hours')" if sqlite else "(promised_at AT TIME ZONE 'Asia/Shanghai')::date"
    op.execute(f"UPDATE tickets SET promised_by = {day}")  # noqa: S608  # no value from outside
    with op.batch_alter_table("tickets") as batch:
        batch.alter_column("promised_by", existing_type=sa.Date(), nullable=False)
        batch.drop_constraint("fk_tickets_merged_into", type_="foreignkey")
        batch.drop_constraint("uq_tickets_external", type_="unique")
        for column in reversed(_ticket_columns()):
            batch.drop_column(column.name)
