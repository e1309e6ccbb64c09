"""Tables of tickets, the units at work on them, their timeline, surveys and numbering."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
)

from service.storage import Moment, metadata
from tickets.states import OPEN

_RowId = BigInteger().with_variant(Integer, "sqlite")
UNIT_CODE = String(40)
_SEALED = {"cipher": "tickets"}

tickets = Table(
    "tickets",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),  # counts the moves
    Column("urgency", String(10), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("conversation", String(64), nullable=False, index=True),
    Column("draft", String(64), nullable=False, unique=True),  # one draft becomes one ticket, however often it is sent
    Column("description", LargeBinary, nullable=False, info=_SEALED),
    Column("place", LargeBinary, info=_SEALED),
    Column("street", String(40)),
    Column("community", String(40)),
    Column("requester_name", LargeBinary, info=_SEALED),
    Column("requester_phone", LargeBinary, info=_SEALED),
    Column("requester_phone_hash", String(64), index=True, info={"keyed_hash_of": "requester_phone"} | _SEALED),
    Column("confidential", Boolean, nullable=False),
    Column("matter", String(100)),
    Column("category", String(60)),
    Column("lead", UNIT_CODE),
    Column("called", UNIT_CODE),
    Column("handler", String(64)),
    Column("returns", Integer, nullable=False),
    Column("reworks", Integer, nullable=False),
    Column("extensions", Integer, nullable=False),
    Column("outcome", String(20)),
    Column("merged_into", ForeignKey("tickets.id")),
    Column("external", String(60), unique=True),
    Column("created_at", Moment, nullable=False, index=True),
    Column("promised_at", Moment, nullable=False),
    Column("dispatched_at", Moment),  # the last dispatch; a return is possible for a time after it
    Column("step_due", Moment),
    Column("clocks", JSON, nullable=False),  # see tickets.clocks; the two moments above are theirs, for lists
    Column("asked_extension", String(20)),
    Column("urged_at", Moment),
    Column("active_at", Moment, nullable=False),  # when somebody last did something; supervision does not count
    Column("check_at", Moment, index=True),  # when its time has to be looked at next
    Column("watch", JSON),  # see tickets.watch: the warnings given and the rungs taken
    Column("updated_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

_open = tickets.c.state.in_(sorted(OPEN))
# What staff look at are open tickets, a small part of all there ever were.
for _name, _columns in {
    "state_step": (tickets.c.state, tickets.c.step_due, tickets.c.id),
    "lead_state": (tickets.c.lead, tickets.c.state, tickets.c.promised_at, tickets.c.id),
    "called": (tickets.c.called, tickets.c.id),
    "promised": (tickets.c.promised_at, tickets.c.id),
    "step": (tickets.c.step_due, tickets.c.id),
    "handler": (tickets.c.handler, tickets.c.step_due, tickets.c.id),
}.items():
    Index(f"ix_tickets_open_{_name}", *_columns, sqlite_where=_open, postgresql_where=_open)
_returned = _open & (tickets.c.returns > 0)
Index(
    "ix_tickets_open_returned",
    tickets.c.step_due,
    tickets.c.id,
    sqlite_where=_returned,
    postgresql_where=_returned,
)
Index("ix_tickets_lead_id", tickets.c.lead, tickets.c.id)
Index("ix_tickets_called_id", tickets.c.called, tickets.c.id)
Index("ix_tickets_urgency_id", tickets.c.urgency, tickets.c.id)
Index("ix_tickets_updated_at", tickets.c.updated_at)  # both for reports: what a period can have to do with
Index("ix_tickets_promised_at", tickets.c.promised_at)
Index("ix_tickets_street_kind_id", tickets.c.street, tickets.c.kind, tickets.c.id)
Index("ix_tickets_state_id", tickets.c.state, tickets.c.id)
Index("ix_tickets_category_id", tickets.c.category, tickets.c.id)
_merged = tickets.c.merged_into.is_not(None)
Index("ix_tickets_merged_into", tickets.c.merged_into, sqlite_where=_merged, postgresql_where=_merged)

ticket_units = Table(
    "ticket_units",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("unit", UNIT_CODE, nullable=False),
    Column("part", String(15), nullable=False),  # assisting, investigating, concerned
    Column("since", Moment, nullable=False),
    Column("replied_at", Moment),
    PrimaryKeyConstraint("ticket_id", "unit", "part"),
    Index(None, "unit", "ticket_id"),
)

timeline = Table(
    "ticket_timeline",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("unit", UNIT_CODE),
    Column("verb", String(30), nullable=False),
    Column("source", String(20)),
    Column("target", String(20)),
    Column("note", LargeBinary, info=_SEALED),
    Column("details", JSON),
)

surveys = Table(
    "ticket_surveys",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("asked_by", String(100), nullable=False),  # "citizen" when they answered a message themselves
    Column("unit", UNIT_CODE),  # the lead at that time
    Column("solved", Boolean),
    Column("satisfaction", SmallInteger),  # 1 to 5
    Column("reasonable", Boolean),  # False: unsatisfied, and found without ground; out of the adjusted rate
    Column("reason", LargeBinary, info=_SEALED),
)

links = Table(
    "ticket_links",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("other_id", ForeignKey("tickets.id"), nullable=False),
    PrimaryKeyConstraint("ticket_id", "other_id"),
)

units = Table(
    "units",
    metadata,
    Column("code", UNIT_CODE, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("parent", UNIT_CODE),
    Column("active", Boolean, nullable=False),
    Column("phone", String(40)),  # of the unit on duty, no person's own
    Column("successor", UNIT_CODE),
    Column("changed_at", Moment, nullable=False),
)

ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
