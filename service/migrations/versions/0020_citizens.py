"""phones that citizens have proved to be theirs, codes for that, and guides the desk sent."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0020"
down_revision = "0019"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "citizen_codes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_codes")),
    )
    op.create_index(op.f("ix_citizen_codes_asked_at"), "citizen_codes", ["asked_at"])
    op.create_index(op.f("ix_citizen_codes_conversation_asked_at"), "citizen_codes", ["conversation", "asked_at"])
    op.create_index(op.f("ix_citizen_codes_phone_hash_asked_at"), "citizen_codes", ["phone_hash", "asked_at"])
    op.create_table(
        "citizen_phones",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("verified_at", Moment(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_phones")),
        sa.UniqueConstraint("code", name=op.f("uq_citizen_phones_code")),
    )
    op.create_index(op.f("ix_citizen_phones_conversation"), "citizen_phones", ["conversation"])
    op.create_index(op.f("ix_citizen_phones_verified_at"), "citizen_phones", ["verified_at"])
    op.create_index(op.f("ix_citizen_phones_phone_hash_verified_at"), "citizen_phones", ["phone_hash", "verified_at"])
    op.create_table(
        "hotline_guides",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("api_key", sa.String(12), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("entry", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("refused", sa.String(100)),
        sa.ForeignKeyConstraint(["api_key"], ["api_keys.id"], name=op.f("fk_hotline_guides_api_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_guides")),
    )
    op.create_index(op.f("ix_hotline_guides_asked_at"), "hotline_guides", ["asked_at"])
    op.create_index(op.f("ix_hotline_guides_phone_hash_asked_at"), "hotline_guides", ["phone_hash", "asked_at"])


def downgrade() -> None:
    for name in ("hotline_guides", "citizen_phones", "citizen_codes"):
        op.drop_table(name)
