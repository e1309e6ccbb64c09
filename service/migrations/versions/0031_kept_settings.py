"""Every kind of settings is kept in one table; those of time move there."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0031"
down_revision = "0030"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_settings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("part", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("withdrawn_at", Moment()),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_settings")),
        sa.UniqueConstraint("kind", "part", "version", name=op.f("uq_kept_settings_kind_part_version")),
    )
    for columns in (["kind", "part", "effective_from"], ["effective_from"], ["revision"]):
        op.create_index(op.f(f"ix_kept_settings_{'_'.join(columns)}"), "kept_settings", columns)
    op.execute(
        "INSERT INTO kept_settings (kind, part, version, effective_from, content, at, actor, note, revision) "
        "SELECT 'deadlines', part, version, effective_from, content, at, actor, note, id "
        "FROM deadline_settings ORDER BY id"
    )
    op.drop_table("deadline_settings")


def downgrade() -> None:
    op.create_table(
        "deadline_settings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deadline_settings"),
        sa.UniqueConstraint("part", "version", name="uq_deadline_settings_part_version"),
    )
    op.create_index("ix_deadline_settings_part_effective_from", "deadline_settings", ["part", "effective_from"])
    op.execute(
        "INSERT INTO deadline_settings (part, version, effective_from, content, at, actor, note) "
        "SELECT part, version, effective_from, content, at, actor, note FROM kept_settings "
        "WHERE kind = 'deadlines' AND withdrawn_at IS NULL ORDER BY id"
    )
    op.drop_table("kept_settings")
