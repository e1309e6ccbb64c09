"""the audit is a chain: numbered without gaps, each line with a hash over the one before, closed to changes."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0024"
down_revision = "0023"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFUSED = "audit lines are never changed or deleted"


def upgrade() -> None:
    before = op.get_bind().execute(sa.select(_table("audit")).order_by(sa.column("id"))).all()
    op.drop_index(op.f("ix_audit_subject_id"), "audit")
    op.drop_index(op.f("ix_audit_at"), "audit")
    op.drop_table("audit")
    op.create_table(
        "audit",
        sa.Column("id", _RowId, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("deed", sa.String(30), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("details", sa.JSON()),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    _fill(before)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    for column in ("subject", "actor", "deed"):
        op.create_index(op.f(f"ix_audit_{column}_id"), "audit", [column, "id"])
    for statement in _CLOSED[op.get_bind().dialect.name]:
        op.execute(statement)


def _fill(lines: Sequence[sa.Row[Any]]) -> None:
    """Take the lines over that were written before, as the beginning of the chain."""
    last, rows = "0" * 64, []
    for number, line in enumerate(lines, start=1):
        last = _hash(last, number, line)
        rows.append(dict(line._mapping) | {"id": number, "hash": last})
    if rows:
        op.bulk_insert(_table("audit", sa.column("hash", sa.String)), rows)


def _hash(before: str, number: int, line: sa.Row[Any]) -> str:
    moment = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = [before, number, moment, line.actor, line.deed, line.subject, line.reason, line.details or {}]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _table(name: str, *more: sa.ColumnClause[str]) -> sa.TableClause:
    return sa.table(
        name,
        sa.column("id", sa.BigInteger),
        sa.column("at", Moment),
        sa.column("actor", sa.String),
        sa.column("deed", sa.String),
        sa.column("subject", sa.String),
        sa.column("reason", sa.String),
        sa.column("details", sa.JSON),
        *more,
    )


_CLOSED = {
    "sqlite": [
        f"CREATE TRIGGER audit_is_not_{deed.lower()}d BEFORE {deed} ON audit"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for deed in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
        "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    ],
}


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuses() CASCADE")
    else:
        for deed in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_is_not_{deed}d")
    for column in ("deed", "actor"):
        op.drop_index(op.f(f"ix_audit_{column}_id"), "audit")
    op.drop_column("audit", "hash")
