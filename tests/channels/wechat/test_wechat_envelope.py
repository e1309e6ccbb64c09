import base64
import hashlib
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pushed_wechat import KEY, OTHER_KEY, TOKEN

from channels.wechat.arriving.arrival import Arrival
from channels.wechat.arriving.envelope import EnvelopeRefused, Malformed, Mode, Seals
from channels.wechat.misconfigured import WechatMisconfigured
from service.clock import now
from simulators.wechat.account import Account
from simulators.wechat.pushing import Mode as Entered
from simulators.wechat.pushing import Pusher, Server, _nodes

XML = "<xml><MsgType>text</MsgType><Content>好</Content></xml>"
ACCOUNT = Account()


def seals(mode=Mode.SAFE, keys=(KEY,), clock=now):
    return Seals(ACCOUNT.appid, TOKEN, mode, keys, clock)


def pusher(mode=Entered.SAFE, key=KEY, token=TOKEN):
    return Pusher(ACCOUNT, Server("", token, key, mode), None)


def posted(mode=Entered.SAFE, **how):
    params, body = pusher(mode, **how).sealed("o1", XML)
    return params, body.encode()


def test_signatures_are_those_of_wechats_own_example():
    """From developers.weixin.qq.com, subscription/guide/dev/push/encryption."""
    joined = "".join(sorted(("AAAAA", "1714037059", "486452656")))
    assert hashlib.sha1(joined.encode()).hexdigest() == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


@pytest.mark.parametrize("mode", list(Entered))
def test_each_mode_opens(mode):
    envelope = seals(Mode(mode.value)).open(*posted(mode))

    assert "<Content>好</Content>" in envelope.xml
    assert bool(envelope.key) is (mode is not Entered.PLAIN)


def test_while_the_key_is_changed_both_open_and_the_reply_has_the_one_that_did():
    changing = seals(keys=(OTHER_KEY, KEY))

    for key in (KEY, OTHER_KEY):
        envelope = changing.open(*posted(key=key))
        assert envelope.key == key
        reply = changing.seal(envelope, "<xml><Content><![CDATA[答]]></Content></xml>")
        assert pusher(key=key)._read(reply) == ("答", True)


def test_plain_posts_are_refused_in_safe_mode():
    with pytest.raises(EnvelopeRefused):
        seals().open(*posted(Entered.PLAIN))


def test_in_compatible_mode_the_sealed_part_counts():
    params, body = posted(Entered.COMPATIBLE)

    assert seals(Mode.COMPATIBLE).open(params, body.replace(b"\xe5\xa5\xbd", b"\xe5\x9d\x8f")).xml == XML


@pytest.mark.parametrize("mode", list(Entered))
@pytest.mark.parametrize("spoilt", ["signature", "msg_signature", "timestamp", "nonce"])
def test_any_other_signature_is_refused(mode, spoilt):
    params, body = posted(mode)
    if spoilt == ("signature" if mode is not Entered.PLAIN else "msg_signature"):
        return  # it is not looked at in this mode
    for value in ("", "0", "é", "\ud800", "9" * 400, params.get(spoilt, "")[::-1] + "1"):
        with pytest.raises(EnvelopeRefused):
            seals(Mode(mode.value)).open(params | {spoilt: value}, body)


def test_what_was_signed_more_than_five_minutes_ago_is_refused(clock):
    account = Account(clock=clock)
    params = Pusher(account, Server("", TOKEN), None).signed()
    for minutes, fine in ((5, True), (6, False), (-5, True), (-6, False)):
        shifted = seals(clock=lambda minutes=minutes: clock() + timedelta(minutes=minutes))
        if fine:
            shifted.check(params)
        else:
            with pytest.raises(EnvelopeRefused):
                shifted.check(params)


@pytest.mark.parametrize("app_id", ["wx0000000000000000", ""])
def test_a_message_for_another_account_does_not_open(app_id):
    other = Seals(app_id, TOKEN, Mode.SAFE, (KEY,), now)

    with pytest.raises(Malformed):
        other.open(*posted())


@pytest.mark.parametrize("key", ["", "short", KEY + "=", "，" * 43, KEY[:42] + "-"])
def test_a_wrong_key_is_told_at_the_start(key):
    with pytest.raises(WechatMisconfigured, match="LTB_WECHAT_AES_KEY"):
        seals(keys=(key,) if key else ())


def signed_garbage(encrypted):
    """A post that somebody who knows the token might send."""
    sender = pusher()
    params = sender.signed() | {"encrypt_type": "aes"}
    joined = "".join(sorted((TOKEN, params["timestamp"], params["nonce"], encrypted)))
    params["msg_signature"] = hashlib.sha1(joined.encode()).hexdigest()
    return params, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()), st.text(max_size=80)))
def test_encrypted_garbage_is_malformed_and_nothing_else(encrypted):
    try:
        params, body = signed_garbage(encrypted.strip().replace("]]>", ""))
    except UnicodeEncodeError:
        return
    with pytest.raises((Malformed, EnvelopeRefused)):
        seals().open(params, body)


@given(st.binary(max_size=300))
def test_raw_bytes_are_refused_and_nothing_else(body):
    for mode in Mode:
        params, _ = posted(Entered(mode.value))
        with pytest.raises((Malformed, EnvelopeRefused)):
            Arrival.of(seals(mode).open(params, body).xml)


VALUES = st.recursive(
    st.text(max_size=10), lambda inner: st.dictionaries(st.sampled_from("ab"), inner) | st.lists(inner, max_size=3)
)
NAMES = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey", "MsgId", "Content", "List")


def printable(text):
    return "".join(character for character in text if character.isprintable())


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        VALUES | st.sampled_from(["text", "event", "subscribe", "1", "99999999999", "qrscene_x", "device_event"]),
    )
)
def test_any_fields_make_an_arrival_or_are_malformed(fields):
    xml = pusher().xml("o1", {})[:5] + printable(_nodes(fields)) + "</xml>"
    try:
        arrival = Arrival.of(xml)
    except Malformed:
        return
    assert len(arrival.key) == 64
    assert Arrival.from_fields(arrival.fields) == arrival


@pytest.mark.parametrize(
    "xml",
    [
        "",
        " ",
        "<xml/>",
        "<xml></xml>",
        "<a/>",
        "[]",
        '{"MsgType": "text"}',
        "<xml><MsgType/></xml>",
        "<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
        "<xml><MsgType><a/></MsgType></xml>",
        "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><MsgType>text</MsgType></xml>',
        "<xml><MsgType>event</MsgType><FromUserName>o</FromUserName><ToUserName>g</ToUserName></xml>",
        "<xml><FromUserName>o</FromUserName><ToUserName>g</ToUserName><CreateTime>1e3</CreateTime><MsgType>text</MsgType></xml>",
    ],
)
def test_what_is_no_message_is_malformed(xml):
    with pytest.raises(Malformed):
        Arrival.of(xml)


def arrival(**fields):
    return Arrival.of(Pusher(ACCOUNT, Server("", TOKEN), None).xml("o1", {"CreateTime": "1", **fields}))


def test_the_same_delivery_has_the_same_key_and_another_message_another():
    click = {"MsgType": "event", "Event": "CLICK", "EventKey": "a"}
    different = [
        arrival(MsgType="text", MsgId="1", Content="好"),
        arrival(MsgType="text", MsgId="2", Content="好"),
        arrival(**click),
        arrival(**click | {"EventKey": "b"}),
        arrival(**click | {"Event": "VIEW"}),
        arrival(**click | {"CreateTime": "2"}),
        arrival(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="1"),
        arrival(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="2"),
    ]

    assert len({each.key for each in different}) == len(different)
    assert arrival(**click).key == arrival(**click).key
