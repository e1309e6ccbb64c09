"""Whatever an event says of messages and subscriptions, it is kept or passed over, on both databases."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.wechat.arriving.arrival import Arrival
from channels.wechat.arriving.envelope import Malformed
from channels.wechat.followers import Followers
from channels.wechat.receipts import KINDS, Receipts

PLAIN = st.none() | st.text(max_size=20) | st.sampled_from(["x" * 5000, "success", "accept", "0", "9" * 400, "\u200b"])
ITEM = st.dictionaries(
    st.sampled_from(["MsgID", "TemplateId", "SubscribeStatusString", "ErrorCode", "ErrorStatus"]),
    PLAIN | st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    max_size=5,
)
LISTS = st.dictionaries(st.just("List"), PLAIN | ITEM | st.lists(PLAIN | ITEM, max_size=4), max_size=1)
EVENTS = st.fixed_dictionaries(
    {
        "FromUserName": st.text(alphabet="abc123-_", min_size=1, max_size=70),
        "CreateTime": st.integers(0, 10**11).map(str),
        "Event": st.sampled_from([kind.removeprefix("event.") for kind in sorted(KINDS)]),
    },
    optional={"MsgID": PLAIN, "Status": PLAIN}
    | {f"SubscribeMsg{name}Event": PLAIN | LISTS for name in ("Popup", "Change", "Sent")},
)


async def test_no_report_breaks_the_server(database, keyring, clock):
    events = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(EVENTS)
    def collect(event):
        events.append(event)

    collect()
    receipts = Receipts(database, Followers.open(database, keyring, clock), clock)
    kept = 0
    for event in events:
        try:
            arrival = Arrival.from_fields({"ToUserName": "gh_1", "MsgType": "event"} | event)
        except Malformed:
            continue
        for _ in range(2):  # the same again changes nothing
            await receipts.record(arrival)
        kept += 1

    assert kept > 50
