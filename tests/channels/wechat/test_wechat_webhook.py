"""A running hotline, and the platform that pushes to it."""

import asyncio
import io
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pushed_wechat import KEY, OTHER_KEY, PATIENT, Mode, Via, platform, settings_of, shown

from channels.outcomes import Remedy, SendRefused
from channels.wechat.arriving import webhook
from channels.wechat.arriving.webhook import BODY_LIMIT
from channels.wechat.platform.media import Medium
from knowledge_base.scene import scene_of
from simulators.wechat.account import Account
from tickets.attachments.kinds import AMR, JPEG
from tickets.attachments.store import Attachments

QUESTION = "身份证过期了在外地能换吗"


class Client:
    """WeChat's API: customer messages arrive on the phone, media are what the test says."""

    def __init__(self, account):
        self.account = account
        self.files = {}
        self.media = self
        self.calls = None

    async def send_text(self, openid, text):
        self.account.take_message(openid)
        self.account.arrive(openid, Via.CUSTOM, {"msgtype": "text", "text": {"content": text}})

    async def send_menu(self, openid, menu, text):
        self.account.take_message(openid)
        choices = [{"id": each, "content": title} for each, title in menu.choices]
        body = {"head_content": menu.head, "list": choices, "tail_content": ""}
        self.account.arrive(openid, Via.CUSTOM, {"msgtype": "msgmenu", "msgmenu": body})

    async def was_sent(self, openid, text, since):
        return None

    async def download(self, media_id):
        if media_id not in self.files:
            raise SendRefused("wechat", "40007", "没有这个文件", Remedy.PERMANENT)
        return self.files[media_id]


@pytest.fixture(autouse=True)
def in_the_reply(monkeypatch):
    """However slow this machine is, an answer is late only where a test says so."""
    monkeypatch.setattr(webhook, "PASSIVE_SECONDS", 60.0)


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def client(account):
    return Client(account)


@pytest.fixture
def connected(parts, client):
    """The hotline's parts, with a way to WeChat's API."""
    return replace(parts, wechat=client)


def of_database(parts, name):
    return parts.database.read(lambda connection: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar())


async def test_the_address_is_verified(parts):
    async with platform(parts) as wechat:
        assert await wechat.verify()
        async with wechat._http.get(wechat.server.url, params={"signature": "x", "echostr": "<b>"}) as response:
            assert (response.status, await response.text()) == (403, "signature")


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_question_is_answered_in_every_mode(parts, mode):
    async with platform(parts, mode=mode) as wechat:
        pushed = await wechat.say(wechat.account.follow().openid, QUESTION)

    assert (pushed.understood, pushed.deliveries) == (True, 1)
    assert "来源：示例市公安局示例区分局" in pushed.text


async def test_the_previous_key_still_serves(parts):
    async with platform(parts, key=KEY, wechat_aes_key=OTHER_KEY, wechat_previous_aes_key=KEY) as wechat:
        assert (await wechat.say(wechat.account.follow().openid, QUESTION)).understood


async def test_without_settings_there_is_no_such_address(parts):
    async with platform(parts, wechat_token="") as wechat, wechat._http.post(wechat.server.url) as response:
        assert response.status == 404


async def test_numbers_and_titles_choose_what_was_offered(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        await wechat.say(person, QUESTION)
        by_number = await wechat.say(person, "2")
        by_title = await wechat.say(person, "费用")

    assert "户口" in by_number.text
    assert "免费" in by_title.text or "元" in by_title.text


async def test_a_tapped_choice_is_its_button(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        by_payload = await wechat.say(person, "转人工", bizmsgmenuid="/ask_for_person")
        refused = await wechat.say(person, QUESTION, bizmsgmenuid="/restart")
        by_title = await wechat.say(person, "费用", bizmsgmenuid="101")

    assert "☎ 拨打 12345" in by_payload.text
    assert "来源：" in refused.text
    assert "元" in by_title.text


async def test_a_ticket_is_opened_by_typing(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        for said in ("我要投诉，阳光小区3号楼的电梯坏了半个月没人修", "阳光小区3号楼", "13800138000", "王女士", "同意"):
            last = await wechat.say(person, said)
        for _ in range(3):
            if "请核对" in last.text:
                break
            last = await wechat.say(person, "同意")
        assert "请核对" in last.text
        done = await wechat.say(person, "确认提交")

    assert "已为您登记，编号" in done.text


async def test_following_welcomes_and_numbers_can_be_typed(parts):
    async with platform(parts) as wechat:
        pushed = await wechat.follow("o" * 28)
        assert pushed.text.startswith("您好，这里是示例区12345聊天办！")
        assert "1. " in pushed.text
        assert (await wechat.say("o" * 28, "1")).text.count("来源：") == 1


async def test_scanning_a_code_opens_its_matter(parts):
    scene = scene_of("id-card")
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        scanned = await wechat.scan(person, scene)
        followed = await wechat.follow("s" * 28, scene)
        unknown = await wechat.scan(person, "kb.nothing")

    assert "身份证" in scanned.text
    assert followed.text.startswith("您好，这里是")
    assert "身份证" in followed.text
    assert unknown.text.startswith("您好，这里是")


async def test_a_code_of_a_ticket_shows_it_only_to_whose_it_is(connected, account, client, monkeypatch):
    from channels.wechat.platform.codes import Codes

    async with platform(connected, account) as wechat:
        owner, other = account.follow().openid, account.follow().openid
        await opened_ticket(wechat, owner)
        [ticket] = await tickets_of(connected, account, owner)

        async def number_of(self, scene):
            return ticket.number if scene == "tk.random" else None

        monkeypatch.setattr(Codes, "ticket", number_of)
        own, others = await wechat.scan(owner, "tk.random"), await wechat.scan(other, "tk.random")

    assert f"工单 {ticket.number}" in own.text
    assert ticket.state.label in own.text
    assert ticket.state.label not in others.text
    assert "阳光小区" not in others.text


async def test_the_menu_says_what_a_button_would(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        assert "☎ 拨打 12345" in (await wechat.click(person, "/ask_for_person")).text
        assert "这个入口已经换了" in (await wechat.click(person, "/restart")).text
        assert "来源：" in (await wechat.click(person, QUESTION)).text


async def test_leaving_and_reports_are_taken_without_a_word(parts):
    async with platform(parts) as wechat:
        person = (await wechat.follow("l" * 28), "l" * 28)[1]
        for pushed in (
            await wechat.unfollow(person),
            await wechat.event(person, "TEMPLATESENDJOBFINISH", MsgID="77", Status="success"),
            await wechat.event(person, "VIEW", EventKey="https://example.com"),
            await wechat.event(person, "LOCATION", Latitude="1", Longitude="2", Precision="3"),
            await wechat.event(person, "kf_create_session", KfAccount="a@b"),
            await wechat.event(person, "something_new"),
            await wechat.message(person, "something_new"),
        ):
            assert (pushed.understood, pushed.text) == (True, "")


async def test_voice_asks_kindly_to_type(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        spoken = await wechat.message(person, "voice", MediaId="m", Format="amr", Recognition="")
        recognised = await wechat.message(person, "voice", MediaId="m", Format="amr", Recognition=QUESTION)

    assert "打字" in spoken.text
    assert recognised.text.startswith(f"听到您说：“{QUESTION}”")
    assert "来源：" in recognised.text


class Ears:
    """A recogniser as an installation plugs it in."""

    async def recognise(self, audio, media_type):
        assert media_type == "audio/amr"
        return audio.decode()


async def test_a_plugged_in_recogniser_is_heard(connected, account, client):
    client.files = {"clear": Medium(AMR, QUESTION.encode()), "noise": Medium(AMR, b" ")}
    async with platform(connected, account, wechat_voice_recogniser="test_wechat_webhook:Ears") as wechat:
        person = account.follow().openid
        clear = await wechat.message(person, "voice", MediaId="clear", Format="amr")
        noise = await wechat.message(person, "voice", MediaId="noise", Format="amr")
        lost = await wechat.message(person, "voice", MediaId="lost", Format="amr")

    assert "来源：" in clear.text
    assert "没听清" in noise.text
    assert "没听清" in lost.text


def picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, "JPEG")
    return content.getvalue()


async def opened_ticket(wechat, person, *before):
    for said in ("我要投诉，阳光小区3号楼的电梯坏了半个月没人修", "阳光小区3号楼", "13800138000"):
        await wechat.say(person, said)
    for pushing in before:
        assert "会和这次登记一起交上去" in (await pushing()).text
    last = await wechat.say(person, "王女士")
    for _ in range(3):
        if "请核对" not in last.text:
            last = await wechat.say(person, "同意")
    return (await wechat.say(person, "确认提交")).text


async def tickets_of(parts, account, person):
    from channels.wechat.followers import Followers

    known = await Followers.open(parts.database, parts.keyring).of_openid(person)
    return await parts.desk.of_conversation(known.conversation)


async def files_of(parts, ticket):
    return await Attachments.open(parts.settings, parts.database, parts.keyring).of_ticket(ticket.id)


async def test_a_picture_sent_while_the_form_is_open_comes_with_the_ticket(connected, account, client):
    client.files = {"m": Medium(JPEG, picture())}
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        done = await opened_ticket(wechat, person, lambda: wechat.message(person, "image", PicUrl="", MediaId="m"))
        assert "已为您登记" in done

    [ticket] = await tickets_of(connected, account, person)
    assert [file.media_type for file in await files_of(connected, ticket)] == ["image/jpeg"]


async def test_a_picture_sent_afterwards_is_added_where_the_citizen_says(connected, account, client):
    client.files = {"m": Medium(JPEG, picture())}
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        await opened_ticket(wechat, person)
        [ticket] = await tickets_of(connected, account, person)
        offered = await wechat.message(person, "image", PicUrl="", MediaId="m")
        assert f"1. 加到工单 {ticket.number}" in offered.text
        assert await files_of(connected, ticket) == []
        assert "已经加到工单" in (await wechat.say(person, "1")).text

    assert len(await files_of(connected, ticket)) == 1


async def test_what_is_no_picture_is_refused_with_a_reason(connected, account, client):
    client.files = {"m": Medium(JPEG, b"MZ nothing of the kind")}
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        refused = await wechat.message(person, "image", PicUrl="", MediaId="m")
        lost = await wechat.message(person, "image", PicUrl="", MediaId="other")

    assert refused.understood
    assert "加到" not in refused.text
    assert "请再发一次" in lost.text


async def test_a_place_becomes_the_place_of_the_open_form(parts):
    at = {"Location_X": "31.2", "Location_Y": "121.4", "Scale": "16", "Label": "示例区人民路88号"}
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        assert "示例区人民路88号" in (await wechat.message(person, "location", **at)).text
        await wechat.say(person, "我要投诉，楼下的路灯坏了一个星期都没人修")
        asked = await wechat.message(person, "location", **at)
        assert "电话" in asked.text or "手机" in asked.text


async def test_strange_messages_are_answered_kindly(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        for pushed, words in (
            (await wechat.say(person, ""), "没收到文字"),
            (await wechat.say(person, "好" * 1001), "太长"),
            (await wechat.message(person, "file", Title="a.docx"), "看不了"),
            (await wechat.message(person, "image", MediaId="m"), "收不了"),
            (await wechat.message(person, "link", Title=QUESTION, Description="", Url="https://a.cn"), "来源："),
        ):
            assert words in pushed.text
        assert (await wechat.say(person, "]]>\x7f<&")).understood


@pytest.fixture
def slow(monkeypatch, parts):
    """The assistant thinks until the test lets it speak; WeChat is answered after a fifth of a second."""
    monkeypatch.setattr(webhook, "PASSIVE_SECONDS", 0.2)
    monkeypatch.setattr(webhook, "_AFTER_REPLY_SECONDS", 0.0)
    speak = asyncio.Event()
    turn = type(parts.assistant).turn
    runs = []

    async def thinking(self, incoming):
        runs.append(incoming.id)
        await speak.wait()
        return await turn(self, incoming)

    monkeypatch.setattr(type(parts.assistant), "turn", thinking)
    return SimpleNamespace(speak=speak, runs=runs)


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_an_answer_that_takes_long_follows_by_itself(connected, account, slow):
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        pushed = await wechat.say(person, QUESTION)
        assert (pushed.text, pushed.understood) == ("", True)
        slow.speak.set()
        await until(lambda: shown(account, person))

    assert [via for via in Via if shown(account, person, via)] == [Via.CUSTOM]
    assert "来源：" in shown(account, person)[0]


async def test_the_choices_of_an_answer_that_comes_later_can_be_tapped(connected, account, slow, monkeypatch):
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        await wechat.say(person, QUESTION)
        slow.speak.set()
        await until(lambda: shown(account, person))
        [arrived] = account.arrived_at(person)
        choice = next(each for each in arrived.body["msgmenu"]["list"] if each["content"] == "费用")
        monkeypatch.setattr(webhook, "PASSIVE_SECONDS", PATIENT)
        tapped = await wechat.say(person, choice["content"], bizmsgmenuid=choice["id"])

    assert "回复数字" not in arrived.body["msgmenu"]["head_content"]
    assert "元" in tapped.text


async def test_without_a_way_to_send_it_comes_with_the_next_answer(parts, slow):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        await wechat.say(person, QUESTION)
        slow.speak.set()
        await asyncio.sleep(0)
        pushed = await wechat.say(person, "继续")
        while "来源：" not in pushed.text:
            pushed = await wechat.say(person, "继续")

    assert "来源：示例市公安局示例区分局" in pushed.text


async def test_overlapping_deliveries_run_one_turn_and_tell_it_once(connected, account, slow):
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        xml = wechat.xml(person, {"MsgType": "text", "MsgId": "31", "Content": QUESTION})
        early = [asyncio.create_task(wechat.deliver(person, xml)) for _ in range(3)]
        await until(lambda: slow.runs)
        assert await asyncio.gather(*early) == ["success"] * 3
        slow.speak.set()
        await until(lambda: shown(account, person))
        assert await wechat.deliver(person, xml) == "success"

    assert slow.runs == [slow.runs[0]]
    assert len(shown(account, person)) == 1


async def test_under_overload_wechat_hears_success_at_once_and_all_is_answered_in_order(
    connected, account, slow, monkeypatch
):
    monkeypatch.setattr(webhook, "_LONGEST_WAIT", -1.0)  # as if no place came free in time
    asked = [QUESTION, "办身份证要多少钱", "转人工"]
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        pushed = [await wechat.say(person, text) for text in asked]
        slow.speak.set()
        await until(lambda: len(shown(account, person)) == 3)
        monkeypatch.setattr(webhook, "_LONGEST_WAIT", 2.5)
        monkeypatch.setattr(webhook, "PASSIVE_SECONDS", PATIENT)
        afterwards = await wechat.say(person, QUESTION)

    assert [(each.text, each.deliveries) for each in pushed] == [("", 1)] * 3
    answers = shown(account, person, Via.CUSTOM)
    assert "来源：" in answers[0]
    assert "12345" in answers[2]
    assert "来源：" in afterwards.text


async def test_a_message_that_is_known_costs_one_look(connected, account, slow, monkeypatch):
    monkeypatch.setattr(webhook, "_LONGEST_WAIT", -1.0)
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        xml = wechat.xml(person, {"MsgType": "text", "MsgId": "51", "Content": QUESTION})
        assert await wechat.deliver(person, xml) == "success"
        writes, write = [], type(connected.database).write

        async def counted(self, work):
            writes.append(work)
            return await write(self, work)

        monkeypatch.setattr(type(connected.database), "write", counted)
        assert await asyncio.gather(*(wechat.deliver(person, xml) for _ in range(5))) == ["success"] * 5
        assert [work for work in writes if "postpone" in repr(work)] == []
        slow.speak.set()
        await until(lambda: shown(account, person))
        assert await wechat.deliver(person, xml) == "success"

    assert len(slow.runs) == 1
    assert len(shown(account, person)) == 1


async def test_a_retry_gets_the_very_same_reply(parts):
    async with platform(parts, mode=Mode.PLAIN) as wechat:
        person = wechat.account.follow().openid
        xml = wechat.xml(person, {"MsgType": "text", "MsgId": "32", "Content": QUESTION})
        first, *others = [wechat._read(await wechat.deliver(person, xml)) for _ in range(3)]

    assert others == [first, first]


@pytest.fixture
def requests(monkeypatch):
    """The requests that wait, or waited, for an answer."""
    seen, told = [], webhook.Webhook._told

    async def watched(self, arrival, request, until):
        seen.append(request)
        return await told(self, arrival, request, until)

    monkeypatch.setattr(webhook.Webhook, "_told", watched)
    return seen


async def test_who_hung_up_is_not_answered_and_hears_it_by_itself(connected, account, slow, requests):
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        xml = wechat.xml(person, {"MsgType": "text", "MsgId": "33", "Content": QUESTION})
        hanging_up = asyncio.create_task(wechat.deliver(person, xml))
        await until(lambda: slow.runs)
        hanging_up.cancel()
        await until(lambda: requests[0].transport is None)
        slow.speak.set()
        await until(lambda: shown(account, person))

    assert len(shown(account, person)) == 1


async def test_a_crash_after_success_is_made_good_by_another_process(connected, account, slow, monkeypatch):
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        await wechat.say(person, QUESTION)
        [before] = [task for task in asyncio.all_tasks() if "decided" in repr(task)]
        before.cancel()  # as if the process had died
        await asyncio.gather(before, return_exceptions=True)
    slow.speak.set()
    later = replace(connected, clock=lambda: connected.clock() + timedelta(seconds=90))
    async with platform(later, account):
        await until(lambda: shown(account, person))

    assert "来源：" in shown(account, person)[0]


async def test_a_failure_is_told_kindly(parts, monkeypatch):
    async def broken(*_args):
        raise RuntimeError

    monkeypatch.setattr(type(parts.assistant), "turn", broken)
    async with platform(parts) as wechat:
        pushed = await wechat.say(wechat.account.follow().openid, QUESTION)

    assert "我们这边出了点问题" in pushed.text


async def test_an_overheard_signature_is_worth_nothing(parts):
    async with platform(parts, mode=Mode.PLAIN) as wechat:
        person = wechat.account.follow().openid
        xml = wechat.xml(person, {"MsgType": "text", "MsgId": "41", "Content": "你好"})
        params, body = wechat.sealed(person, xml)
        forged = body.replace("41", "42").replace("你好", "我要投诉")

        async def status(sent):
            async with wechat._http.post(wechat.server.url, params=params, data=sent.encode()) as response:
                return response.status

        assert [await status(sent) for sent in (body, body, forged)] == [200, 200, 403]


@pytest.mark.parametrize(
    ("body", "expected"), [(b"", 400), (b"<xml>", 400), (b"{}", 400), (b"\xff", 400), (b"x" * (BODY_LIMIT + 1), 413)]
)
@pytest.mark.parametrize("mode", list(Mode))
async def test_what_cannot_be_read_is_refused(parts, mode, body, expected):
    async with platform(parts, mode=mode) as wechat:
        params, _ = wechat.sealed("o", "<xml/>")
        async with wechat._http.post(wechat.server.url, params=params, data=body) as response:
            assert response.status == expected
        async with wechat._http.post(wechat.server.url, data=body) as response:
            assert response.status in (400, 403, 413)


async def test_endless_bodies_are_cut_off(parts):
    async def endless():
        for _ in range(64):
            yield b"x" * 4096

    async with platform(parts) as wechat:
        params, _ = wechat.sealed("o", "<xml/>")
        async with wechat._http.post(wechat.server.url, params=params, data=endless()) as response:
            assert response.status == 413


QUERY = st.dictionaries(
    st.sampled_from(["signature", "timestamp", "nonce", "encrypt_type", "msg_signature", "echostr", "openid"]),
    st.text(max_size=20) | st.just("aes"),
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["MsgType", "Event", "EventKey", "MsgId", "MsgID", "Content", "MediaId", "Label", "FromUserName", "CreateTime"]
    ),
    st.text(max_size=12)
    | st.sampled_from(["text", "event", "subscribe", "SCAN", "CLICK", "location", "link", "voice", "/affirm"])
    | st.dictionaries(st.sampled_from("ab"), st.text(max_size=3), max_size=2),
)


async def statuses(parts, posts):
    async with platform(parts, mode=Mode.PLAIN) as wechat:
        found = set()
        for post in posts:
            params, body = post(wechat)
            try:
                async with wechat._http.post(wechat.server.url, params=params, data=body) as response:
                    found.add(response.status)
            except (UnicodeError, ValueError):
                continue  # no HTTP client can send it
        return found


async def test_no_post_breaks_the_server(parts):
    """Hypothesis gives the posts, the server answers them all in one go."""
    posts = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(query=QUERY, body=st.binary(max_size=120), fields=FIELDS, number=st.integers(0, 10**6))
    def collect(query, body, fields, number):
        named = {"MsgType": "text", "MsgId": str(number), **fields}
        posts.append(lambda wechat: (query, body))
        posts.append(lambda wechat: (wechat.signed() | {"encrypt_type": "raw"}, body))
        posts.append(lambda wechat: wechat.sealed("o1", _printable(wechat.xml("o1", named))))

    collect()

    assert await statuses(parts, posts) <= {200, 400, 403}


def _printable(xml):
    return "".join(character for character in xml if character.isprintable())


async def test_what_is_no_longer_needed_is_forgotten(connected, account):
    from program.wechat import open_account

    async with platform(connected, account) as wechat:
        person = account.follow().openid
        await wechat.say(person, QUESTION)
        await wechat.unfollow(person)
    chosen = settings_of(connected, account)
    days = chosen.conversation_days
    for later, gone in ((days - 1, False), (days + 1, True)):
        at = replace(connected, settings=chosen, clock=lambda later=later: connected.clock() + timedelta(days=later))
        hotline = open_account(at)
        await hotline.forget()
        known = await hotline.webhook.followers.of_openid(person)
        assert (known is None) is gone


async def test_who_leaves_has_proved_no_phone_any_more(connected, account):
    from program.wechat import open_account

    citizens = connected.verification.citizens
    async with platform(connected, account) as wechat:
        person = account.follow().openid
        await wechat.say(person, QUESTION)
        hotline = open_account(replace(connected, settings=settings_of(connected, account)))
        conversation = (await hotline.webhook.followers.of_openid(person)).conversation
        code = await citizens.ask_code(conversation, "+8613800138000")
        await citizens.check_code(conversation, "+8613800138000", code.text)
        assert await citizens.phones(conversation) == ["+8613800138000"]

        await wechat.unfollow(person)

    assert await citizens.phones(conversation) == []


async def test_nothing_of_what_was_said_is_stored_in_the_clear(parts):
    async with platform(parts) as wechat:
        person = wechat.account.follow().openid
        await wechat.say(person, "我住在幸福里小区九号楼")
    file = parts.settings.data_dir / "liaotianban.db"
    for part in (file, file.with_name(file.name + "-wal")):
        content = part.read_bytes() if part.exists() else b""
        assert "幸福里小区".encode() not in content
        assert person.encode() not in content
        assert json.dumps("幸福里小区")[1:-1].encode() not in content
