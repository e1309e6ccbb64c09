"""Tables of knowledge entries, their vectors, and the record of what was answered."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

entries = Table(
    "kb_entries",
    metadata,
    Column("slug", String(100), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),  # of the whole base, when this entry last changed
    Column("removed", Boolean, nullable=False),
    Column("content", Text, nullable=False),  # the entry as JSON
    Column("changed_at", Moment, nullable=False),
)

revision = Table(
    "kb_revision",
    metadata,
    Column("id", Integer, primary_key=True),  # one row
    Column("last", BigInteger, nullable=False),
)

vectors = Table(
    "kb_vectors",
    metadata,
    Column("hash", String(64), primary_key=True),  # of the encoder's name and the text
    Column("vector", LargeBinary, nullable=False),  # float16
)

answers = Table(
    "kb_answers",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("conversation", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("verb", String(20), nullable=False),  # answer, choices, no_answer, helped, not_helped
    Column("question", LargeBinary),
    Column("entry", String(100), index=True),
    Column("version", Integer),
    Column("probability", Float),
)

# The wording of a question is forgotten after a time; only those that still have one need to be found.
Index(
    "ix_kb_answers_forgettable",
    answers.c.at,
    sqlite_where=answers.c.question.is_not(None),
    postgresql_where=answers.c.question.is_not(None),
)
