"""WeChat and SMS as an administrator sees them: what doctor says, the menu, a message to oneself."""

import pytest
from office import open_console
from sqlalchemy import insert

from channels.sms.checkup import examine_sms
from channels.sms.gateways.console import ConsoleGateway
from channels.wechat.followers import Followers
from channels.wechat.platform.menu import load_menu
from service.audit import Deed, Search, found
from service.identity.citizens import citizen_phones
from service.identity.roles import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def both(database, keyring, clock, tmp_path, wechat):
    """The console of an installation with an account of the simulated platform, and an SMS gateway that prints."""
    account = wechat.settings.model_dump(include={"wechat_appid", "wechat_secret", "wechat_api_url"})
    given = account | {"data_dir": tmp_path, "sms_gateways": ("console",), "wechat_token": "liaotianban"}
    async with (
        wechat.client(database, keyring) as client,
        open_console(database, keyring, clock, gateways=[ConsoleGateway("示例区")], wechat=client, **given) as console,
    ):
        yield console


async def test_what_doctor_says_is_kept_for_everybody(both, wechat):
    root = await both.staff("root", Role.ADMINISTRATOR)
    assert (await root.get("/console/channels")).has("还没有检查过")

    page = await root.ended(await root.post("/console/channels/check"))

    assert page.has("查完了，有", "处要处理")
    other = await both.staff("other", Role.ADMINISTRATOR)
    page = await other.get("/console/channels")
    assert page.has("root 查于", "微信服务器配置", "AppID、AppSecret 和 IP 白名单都对", "公众号还没有菜单")
    (told, _) = await examine_sms(both.office.settings, both.office.clock)
    assert page.has("要处理" if not told.fine else "正常", told.subject, told.message)


async def test_the_menu_is_put_on_and_recorded(both, wechat, database, tmp_path):
    root = await both.staff("root", Role.ADMINISTRATOR)

    page = await root.ended(await root.post("/console/channels/menu"))

    assert page.has("菜单已换上")
    ours = [button["name"] for button in load_menu(tmp_path / "none", "")]
    assert [button["name"] for button in wechat.account.menu["button"]] == ours
    (line,) = await database.read(found(Search(deed=Deed.SETTINGS), 5))
    assert (line.done.actor, line.done.subject) == ("root", "公众号菜单")


MENU = {"name-1": "转人工", "does-1": "/ask_for_person", "name-2": "更多", "does-2": "buttons"}
BELOW = {"name-2-1": "查公积金", "does-2-1": "say", "what-2-1": "公积金怎么查", "name-2-2": "官网", "does-2-2": "url"}


async def test_a_menu_is_looked_at_kept_and_put_on_by_a_deed_of_its_own(both, wechat, database):
    root, path = await both.staff("root", Role.ADMINISTRATOR), "/console/settings/wechat-menu"
    assert (await root.get(path)).has("市民看到的样子", "办事指南", "还没有从这里换过", "第 1 个按钮")
    wrong = await root.post(path, **MENU, **BELOW, **{"what-2-2": "gov.cn"}, note="改", do="look")
    assert wrong.status == 422
    assert 'id="name-2-2-error"' in wrong.text
    assert wrong.has("“官网”的网址“gov.cn”不对")
    filled = MENU | BELOW | {"what-2-2": "https://example.gov.cn"}
    look = await root.post(path, **filled, do="look")
    assert look.has("改了是这样", "转人工", "查公积金", "官网", "更多")
    assert (await root.post(path, **filled, do="save", note="", seen="0")).has("请写明为什么改")
    page = await root.post(path, **filled, do="save", note="精简", seen="0")
    assert page.has("已保存。公众号上还是原来的", "转人工", "更多")
    assert (await root.post(path, **filled, do="save", note="又改", seen="0")).has("别人刚刚改过这一项")

    await root.ended(await root.post("/console/channels/menu"))
    assert [button["name"] for button in wechat.account.menu["button"]] == ["转人工", "更多"]
    assert wechat.account.menu["button"][1]["sub_button"][0]["key"] == "公积金怎么查"
    page = await root.get(path)
    assert page.has("root", "换上：转人工、更多")
    history = await root.get("/console/settings/history?kind=wechat_menu&part=menu")
    assert history.has("root", "精简")


async def test_one_tries_an_sms_on_oneself(both, database, clock):
    root = await both.staff("root", Role.ADMINISTRATOR)

    wrong = await root.post("/console/channels/sms", sms_phone="010-12345", purpose="code")
    assert (wrong.status, wrong.has("不是")) == (422, True)
    assert (await root.post("/console/channels/sms", sms_phone="13800138000", purpose="nothing")).status == 422
    page = await root.post("/console/channels/sms", sms_phone="13800138000", purpose="code")

    assert page.has("console 已收下，1 条")
    (line,) = await database.read(found(Search(deed=Deed.TRIAL), 5))
    assert line.done.details == {"to": "138****8000"}
    clock.forward(seconds=5)  # what the limits refuse is told beside the field
    again = await root.post("/console/channels/sms", sms_phone="13800138000", purpose="code")
    assert again.status == 422


async def test_one_tries_wechat_on_oneself_after_proving_a_number_there(both, wechat, database, keyring, clock):
    root = await both.staff("root", Role.ADMINISTRATOR)
    path = "/console/channels/wechat"
    assert (await root.post(path, wechat_phone="13800138000")).has("没有人在公众号里验证过这个号码")

    followers = Followers.open(database, keyring, clock)
    conversation = await followers.followed(wechat.openid, clock())
    cipher = keyring.cipher("citizens")
    proven = {
        "conversation": conversation,
        "phone": cipher.encrypt_text("+8613800138000"),
        "phone_hash": cipher.keyed_hash("+8613800138000"),
        "verified_at": clock(),
        "code": "1",
    }
    await database.write(lambda connection: connection.execute(insert(citizen_phones).values(proven)))
    assert (await root.post(path, wechat_phone="13800138000")).has("先对公众号说一句")

    await database.write(lambda connection: followers.wrote_within(connection, conversation, clock()))
    assert (await root.post(path, wechat_phone="13800138000")).has("微信已收下")
    assert wechat.texts == ["这是一条测试消息：公众号的客服消息能收到。"]


async def test_without_accounts_the_page_says_what_to_set(console):
    root = await console.staff("root", Role.ADMINISTRATOR)

    page = await root.get("/console/channels")

    assert page.has("先设置 LTB_WECHAT_APPID", "还没有接入公众号", "还没有开通短信")
    assert (await root.ended(await root.post("/console/channels/menu"))).has("还没有接入公众号")
    assert (await root.post("/console/channels/sms", sms_phone="13800138000", purpose="code")).status == 422
