"""Tables of the public account: who follows it, what was told to whom, what came back about messages sent."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")
_Key = String(64)

followers = Table(
    "wechat_followers",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("openid", LargeBinary, nullable=False, info={"cipher": "wechat"}),
    Column(
        "openid_hash", String(64), nullable=False, unique=True, info={"keyed_hash_of": "openid", "cipher": "wechat"}
    ),
    Column("followed", Boolean, nullable=False),
    Column("changed_at", Moment, nullable=False),  # followed or left, by WeChat's clock
    Column("last_message_at", Moment),
    Column("talk_until", Moment),  # the window a message opens: 48 h, 5 messages of ours
    Column("talk_left", Integer, nullable=False),
    Column("brief_until", Moment),  # the window a menu, a code or following opens: 1 min, 3 messages of ours
    Column("brief_left", Integer, nullable=False),
)

arrivals = Table(
    "wechat_arrivals",
    metadata,
    Column("key", _Key, primary_key=True),  # see `arrival.Arrival.key`
    Column("state", String(10), nullable=False),  # see `telling.State`
    Column("content", LargeBinary, info={"cipher": "wechat"}),  # the passive reply, or what is still to be answered
    Column("at", Moment, nullable=False, index=True),
)

waiting = Table(
    "wechat_waiting",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("conversation", String(64), nullable=False, index=True),
    Column("text", LargeBinary, nullable=False, info={"cipher": "wechat"}),
    Column("menu", LargeBinary, info={"cipher": "wechat"}),  # JSON of `rendering.Menu`, where it can be tapped
    Column("state", String(10), nullable=False),  # see `waiting.Waits`
    Column("at", Moment, nullable=False, index=True),  # when its state began
)

nonces = Table(
    "wechat_nonces",
    metadata,
    Column("nonce", _Key, primary_key=True),
    Column("arrival", _Key, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

files = Table(
    "wechat_files",
    metadata,
    Column("arrival", _Key, primary_key=True),
    Column("conversation", String(64), nullable=False, index=True),
    Column("received", LargeBinary, nullable=False, info={"cipher": "wechat"}),  # tickets.attachments.received
    Column("at", Moment, nullable=False, index=True),
)

receipts = Table(
    "wechat_receipts",
    metadata,
    Column("message", String(64), primary_key=True),  # WeChat's MsgID
    Column("delivered", Boolean, nullable=False),
    Column("reason", Text, nullable=False),  # WeChat's own words, empty when delivered
    Column("at", Moment, nullable=False, index=True),
)

subscriptions = Table(
    "wechat_subscriptions",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("template", String(64), primary_key=True),
    Column("accepted", Boolean, nullable=False),
    Column("changed_at", Moment, nullable=False),  # by WeChat's clock
)

Index("ix_wechat_waiting_state_at", waiting.c.state, waiting.c.at)
