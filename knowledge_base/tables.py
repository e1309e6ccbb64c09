"""Tables of knowledge entries, their versions, vectors and synonyms, and the record of what was answered.

`kb_entries` is what is published now, one row an entry: every process follows it by its revision.
`kb_versions` is all that was ever written, published or not.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
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
    Column("review_by", Date, index=True),  # the content's, so that those due are found without reading the others
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

imports = Table(
    "kb_imports",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),  # of the file
    Column("author", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(12), nullable=False),
    Column("same", Integer, nullable=False),  # entries of the file that are told just so already
    Column("gone", JSON, nullable=False),  # slugs that are told and not in the file; they stay
    Column("reviewer", String(64)),  # who decided
    Column("decided_at", Moment),
    Column("note", Text),
    Column("batch", BigInteger),  # the revision it made
    Index(None, "state", "id"),
)

import_rows = Table(
    "kb_import_rows",
    metadata,
    Column("of", BigInteger, primary_key=True, autoincrement=False),  # kb_imports.id
    Column("slug", String(100), primary_key=True),
    Column("before", Integer, nullable=False),  # the version that was told when it was handed in; 0: none
    Column("left_out", Boolean, nullable=False),
    Column("content", Text, nullable=False),  # the entry as JSON
)

confirmations = Table(
    "kb_confirmations",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("slug", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("evidence", String(300), nullable=False),  # by what it was found still right
    Column("before", Date),  # by when it was to be looked at
    Column("until", Date, nullable=False),  # by when it is to be looked at again
    Column("undone_at", Moment),
    Index(None, "slug", "id"),
)

revision = Table(
    "kb_revision",
    metadata,
    Column("id", Integer, primary_key=True),  # one row
    Column("last", BigInteger, nullable=False),
)

synonyms = Table(
    "kb_synonyms",
    metadata,
    Column("official", String(40), primary_key=True),
    Column("words", JSON, nullable=False),  # everyday words that mean it
)

synonym_history = Table(
    "kb_synonym_history",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("revision", BigInteger, nullable=False, index=True),  # of the whole base, by which it can be undone
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("official", String(40), nullable=False),
    Column("before", JSON, nullable=False),  # its words
    Column("after", JSON, nullable=False),
)

vectors = Table(
    "kb_vectors",
    metadata,
    Column("hash", String(64), primary_key=True),  # of the encoder's name and the text
    Column("vector", LargeBinary, nullable=False, info={"cipher": None}),  # float16
)

answers = Table(
    "kb_answers",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("conversation", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    # answer, choices, no_answer; helped, not_helped, reason; ticket; tell_me
    Column("verb", String(20), nullable=False),
    Column("question", LargeBinary, info={"cipher": "conversations"}),
    Column("clicked", Boolean, nullable=False),  # whether a button asked, so that there never was a wording
    Column("entry", String(100)),
    Column("version", Integer),
    Column("probability", Float),
    Column("revision", BigInteger),  # of the base that answered
    Column("decided_by", String(60)),  # weights, signals and thresholds that decided
    Column("offered", JSON(none_as_null=True)),  # slugs of the entries shown as choices
    Column("nearest", JSON(none_as_null=True)),  # slugs of the best candidates, best first
    Column("reason", String(20)),  # why an answer did not help
    # What became of the question.
    Column("settles_at", Moment),  # when it can be told whether the question was left open; empty once it was looked at
    Column("gap", BigInteger),  # the group of open questions it belongs to
    Column("cause", String(12)),  # why it counts as open
    Index(None, "conversation", "id"),
    Index(None, "gap", "conversation"),
    Index(None, "entry", "at", "verb", "reason"),  # an entry's figures are counted in the index alone
)

JUDGED = ("helped", "not_helped")
"""What people say of an answer, as `verb` has it."""

# Few answers are judged: which entries do not help is found without looking at the others.
Index(
    "ix_kb_answers_judged",
    answers.c.at,
    answers.c.entry,
    answers.c.verb,
    sqlite_where=answers.c.verb.in_(JUDGED),
    postgresql_where=answers.c.verb.in_(JUDGED),
)

# The wording of a question is forgotten after a time; only those that still have one need to be found.
Index(
    "ix_kb_answers_forgettable",
    answers.c.at,
    sqlite_where=answers.c.question.is_not(None),
    postgresql_where=answers.c.question.is_not(None),
)

Index(
    "ix_kb_answers_unsettled",
    answers.c.settles_at,
    sqlite_where=answers.c.settles_at.is_not(None),
    postgresql_where=answers.c.settles_at.is_not(None),
)

Index(
    "ix_kb_answers_open",
    answers.c.at,
    answers.c.gap,
    sqlite_where=answers.c.gap.is_not(None),
    postgresql_where=answers.c.gap.is_not(None),
)

# The newest questions of a group, without looking at its others.
Index(
    "ix_kb_answers_newest_of_group",
    answers.c.gap,
    answers.c.id,
    sqlite_where=answers.c.gap.is_not(None),
    postgresql_where=answers.c.gap.is_not(None),
)

gaps = Table(
    "kb_gaps",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("state", String(12), nullable=False),
    # A wording, masked; forgotten when hardly anybody else asked.
    Column("name", LargeBinary, info={"cipher": "conversations"}),
    Column("space", String(40), nullable=False),  # what made the vectors: others cannot be compared with them
    # Where its members' vectors lie; forgotten with the name.
    Column("centre", LargeBinary, info={"cipher": "conversations"}),
    Column("conversations", Integer, nullable=False),  # that asked
    Column("questions", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("changed", BigInteger, nullable=False, index=True),  # grows with every change of any group
    Column("entry", String(100), index=True),  # drafted to answer it
    Column("closed_at", Moment),
    Column("closed_by", String(64)),
    Column("note", Text),  # why it was dismissed
    Index(None, "state", "last_at"),
)

# What all open questions have in common, so that a group is told by what sets it apart.
gap_words = Table(
    "kb_gap_words",
    metadata,
    Column("space", String(40), primary_key=True),
    Column("texts", BigInteger, nullable=False),
    # By hashed piece of text, how many texts have it.
    Column("counts", LargeBinary, nullable=False, info={"cipher": "conversations"}),
    # Sum of the sentence vectors.
    Column("mean", LargeBinary, nullable=False, info={"cipher": "conversations"}),
)

test_questions = Table(
    "kb_test_questions",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("question", String(300), nullable=False, unique=True),
    Column("expected", String(100)),  # the entry that should answer; nothing: none may
    Column("author", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("removed_at", Moment),  # asked no longer; kept so that it can be taken back
)

trials = Table(
    "kb_trials",
    metadata,
    Column("slug", String(100), primary_key=True),
    Column("number", Integer, primary_key=True),  # of the version that was tried
    Column("at", Moment, nullable=False, index=True),
    Column("result", LargeBinary, nullable=False, info={"cipher": "conversations"}),  # with questions people asked
)

correction = Table(
    "kb_correction",
    metadata,
    Column("id", Integer, primary_key=True),  # one row
    Column("stretch", Float, nullable=False),
    Column("shift", Float, nullable=False),
    Column("questions", Integer, nullable=False),  # it was learned from
    Column("entries", Integer, nullable=False),  # there were then
    Column("basis", String(40), nullable=False),  # the weights and whether vectors took part
    Column("at", Moment, nullable=False),
    Column("claimed_at", Moment),  # by a process that is learning it anew
)
