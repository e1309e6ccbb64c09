"""Tables of staff accounts, their sessions and second factors, and of keys for other systems."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from service.storage import Moment, metadata

staff = Table(
    "staff",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("name", String(40), nullable=False, server_default=""),  # how colleagues know them
    Column("password_hash", String(255), nullable=False),
    Column("password_changed_at", Moment),  # by themselves; none: the password is the one they were given
    Column("roles", JSON, nullable=False),
    Column("units", JSON, nullable=False),  # codes of the units they belong to
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("second_factor", LargeBinary, info={"cipher": "staff"}),  # the secret behind the codes
    Column("second_factor_at", Moment),  # since when it counts; none: it is still being set up
    Column("second_factor_step", BigInteger),  # the last code's time: a code counts once
    Column("second_factor_due_at", Moment),  # until when setting it up may be put off
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("username", ForeignKey("staff.username"), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),  # to the minute
    Column("expires_at", Moment, nullable=False, index=True),
    Column("address", String(64), nullable=False),
    Column("browser", String(60), nullable=False),
    Column("code_given", Boolean, nullable=False),  # whether the second factor was shown
)

recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("username", ForeignKey("staff.username"), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("used_at", Moment),
    PrimaryKeyConstraint("username", "code_hash"),
)

sign_in_pauses = Table(
    "sign_in_pauses",
    metadata,
    Column("subject", String(100), primary_key=True),  # an account or an address
    Column("failures", Integer, nullable=False),
    Column("forgotten_at", Moment, nullable=False, index=True),  # up to when they were forgotten, one at a time
    Column("until", Moment),  # nobody signs in before
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(12), primary_key=True),  # the part of a key that may be read
    Column("name", String(40), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("units", JSON, nullable=False),  # codes of the only units whose tickets it sees
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),  # to the minute
    Column("expires_on", Date),  # the last day in China on which it counts
    Column("revoked_at", Moment),
)
