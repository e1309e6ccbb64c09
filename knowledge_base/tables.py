"""Tables of knowledge entries, their versions and vectors, and the record of what was answered.

`kb_entries` is what is published now, one row an entry: every process follows it by its revision.
`kb_versions` is all that was ever written, published or not.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

versions = Table(
    "kb_versions",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("slug", String(100), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, … within an entry
    Column("state", String(12), nullable=False),
    Column("content", Text, nullable=False),  # the entry as JSON
    Column("author", String(64), nullable=False),
    Column("reviewer", String(64)),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("source", Text),  # as JSON: the part of a document it was taken from
    UniqueConstraint("slug", "number"),
    Index(None, "state", "changed_at"),
)

history = Table(
    "kb_history",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("slug", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("note", Text),
    Column("batch", BigInteger, index=True),  # the revision an import made, by which it can be undone
    Index(None, "slug", "id"),
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
