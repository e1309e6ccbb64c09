"""Files, the menu and the codes of the account."""

from datetime import timedelta

import pytest
import yaml

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.codes import Codes
from channels.wechat.menu import MenuRefused, load_menu, push_menu, pushed_menu
from knowledge_base.scene import scene_of
from service.settings import Settings
from simulators.wechat.faults import loses_answer, refuses, stumbles
from tickets.attachments.kinds import AMR, JPEG, MP4
from tickets.attachments.refusal import AttachmentKindRefused, AttachmentTooLarge

JPEG_FILE = b"\xff\xd8\xff\xe0" + bytes(9000)
MP4_FILE = b"\x00\x00\x00\x18ftypmp42" + bytes(9000)
AMR_FILE = b"#!AMR\n" + bytes(100)
SITE = "https://12345.example.gov.cn"


@pytest.fixture
def codes(wechat_client, database, clock):
    return Codes(wechat_client.calls, database, clock)  # which keeps them in both kinds of database


@pytest.mark.parametrize(
    ("content", "called", "kind"),
    [
        (JPEG_FILE, "image/jpeg", JPEG),
        (AMR_FILE, "audio/amr", AMR),
        (MP4_FILE, "video/mp4", MP4),
        (JPEG_FILE, "x/y", JPEG),
    ],
    ids=["picture", "voice", "video", "misnamed"],
)
async def test_a_file_is_what_its_content_says(wechat, wechat_client, content, called, kind):
    media_id = wechat.account.media.keep(content, called)
    medium = await wechat_client.media.download(media_id)
    assert (medium.kind, medium.content) == (kind, content)


async def test_a_file_of_no_kind_is_refused_in_words_for_its_sender(wechat, wechat_client):
    media_id = wechat.account.media.keep(b"MZ" + bytes(9000), "image/jpeg")
    with pytest.raises(AttachmentKindRefused, match="这种文件收不了"):
        await wechat_client.media.download(media_id)


async def test_no_more_is_read_of_a_file_than_may_be_kept(wechat, wechat_client):
    media_id = wechat.account.media.keep(b"\xff\xd8\xff\xe0" + bytes(11 * 1024 * 1024), "image/jpeg")
    with pytest.raises(AttachmentTooLarge, match="超过 10 MB"):
        await wechat_client.media.download(media_id)


async def test_a_file_older_than_three_days_is_asked_for_again(wechat, wechat_client, clock):
    media_id = wechat.account.media.keep(JPEG_FILE, "image/jpeg")
    clock.forward(days=3)
    with pytest.raises(SendRefused, match="") as refused:
        await wechat_client.media.download(media_id)
    assert refused.value.remedy is Remedy.PERMANENT
    assert "请对方重新发" in refused.value.reason


async def test_a_download_survives_a_token_that_ended(wechat, wechat_client):
    media_id = wechat.account.media.keep(JPEG_FILE, "image/jpeg")
    await wechat_client.media.download(media_id)
    wechat.account.tokens.expire()
    assert (await wechat_client.media.download(media_id)).content == JPEG_FILE


@pytest.mark.parametrize("way", [loses_answer, stumbles, refuses(-1)], ids=["lost", "stumbled", "busy"])
async def test_a_file_comes_though_the_platform_stumbled(wechat, wechat_client, way):
    wechat.api.faults.plan("/cgi-bin/media/get", way)
    media_id = wechat.account.media.keep(JPEG_FILE, "image/jpeg")
    assert (await wechat_client.media.download(media_id)).content == JPEG_FILE


async def test_the_menu_that_comes_with_the_product_is_taken(wechat, wechat_client, tmp_path):
    menu = load_menu(tmp_path / "wechat_menu.yml", SITE)
    with pytest.raises(SendRefused, match="") as none:
        await pushed_menu(wechat_client.calls)
    assert none.value.code == "46003"
    await push_menu(wechat_client.calls, menu)
    assert await pushed_menu(wechat_client.calls) == menu


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"name": "我要咨询政策", "send": "/list_matters"}, "最多 5 个汉字"),
        ({"name": "", "send": "/list_matters"}, "都要有 name"),
        ({"name": "咨询", "send": "/no_such_thing"}, "不是助手认识的按钮"),
        ({"name": "咨询", "send": "/list_matters", "url": "/"}, "中的一个"),
        ({"name": "咨询"}, "中的一个"),
        ({"name": "网站", "url": "javascript:alert(1)"}, "网址"),
        ({"name": "更多", "buttons": []}, "1 到 5 个按钮"),
        ({"name": "更多", "buttons": [{"name": "多", "buttons": [{"name": "多"}]}]}, "不能再有按钮"),
        ({"name": "更多", "url": "/", "buttons": [{"name": "多", "url": "/"}]}, "下面有按钮"),
        ({"name": "更多", "buttons": [{"name": "一" * 21, "url": "/"}]}, "最多 20 个汉字"),
    ],
)
def test_a_wrong_menu_says_what_is_wrong(tmp_path, button, complaint):
    own = tmp_path / "wechat_menu.yml"
    own.write_text(yaml.safe_dump([button], allow_unicode=True), encoding="utf-8")
    with pytest.raises(MenuRefused, match=complaint):
        load_menu(own, SITE)


def test_pages_of_ours_need_the_address_of_this_service(tmp_path):
    own = tmp_path / "wechat_menu.yml"
    own.write_text("- {name: 网页版, url: /}\n", encoding="utf-8")
    assert load_menu(own, SITE)[0]["url"] == f"{SITE}/"
    with pytest.raises(MenuRefused, match="LTB_PUBLIC_URL"):
        load_menu(own, "")


async def test_the_code_of_an_entry_is_asked_for_once_and_opens_it(wechat, codes, clock):
    code = await codes.permanent("bu-ban-she-bao-ka")
    clock.forward(days=400)
    assert await codes.permanent("bu-ban-she-bao-ka") == code
    assert wechat.account.scan(code.url) == scene_of("bu-ban-she-bao-ka")
    assert wechat.api.calls["/cgi-bin/qrcode/create"] == 1


async def test_a_passing_code_is_replaced_when_half_of_its_time_is_over(wechat, codes, clock):
    first = await codes.temporary("card", timedelta(days=30))
    clock.forward(days=14)
    assert await codes.temporary("card", timedelta(days=30)) == first
    clock.forward(days=2)
    second = await codes.temporary("card", timedelta(days=30))
    assert wechat.account.scan(second.url) == scene_of("card")
    lasting = await codes.permanent("card")
    assert await codes.temporary("card", timedelta(days=30)) == lasting


async def test_the_code_of_a_ticket_tells_nothing_and_finds_it_for_a_month(wechat, codes, clock):
    code = await codes.of_ticket("20261121000018")
    assert await codes.of_ticket("20261121000018") == code
    scene = wechat.account.scan(code.url)
    assert "20261121" not in scene
    assert await codes.ticket(scene) == "20261121000018"
    assert await codes.ticket("tk.guessed") is None
    assert await codes.ticket(scene_of("card")) is None
    clock.forward(days=30)
    assert await codes.ticket(scene) is None


async def test_an_answer_without_a_code_keeps_nothing(wechat, codes):
    wechat.api.faults.plan("/cgi-bin/qrcode/create", stumbles, times=3)
    with pytest.raises(SendUnknown):
        await codes.permanent("card")
    assert (await codes.permanent("card")).url in wechat.account.codes


def test_an_installation_can_have_its_own_menu(tmp_path):
    settings = Settings(data_dir=tmp_path)
    own = settings.data_dir / "wechat_menu.yml"
    own.write_text("- {name: 转人工, send: /ask_for_person}\n", encoding="utf-8")
    assert load_menu(own, "") == [{"type": "click", "name": "转人工", "key": "/ask_for_person"}]
