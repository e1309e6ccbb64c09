"""The commands for the public account, and what `doctor` says of it."""

import asyncio
import json
import threading
from contextlib import contextmanager

import pytest
from hotline import DRAFT
from wechat_platform import Platform, served

from channels.wechat.checkup import check_account
from channels.wechat.platform.menu import SEED
from service.encryption import open_keyring
from service.settings import Settings, load_settings
from service.storage import Database
from simulators.wechat.account import Account
from simulators.wechat.api import PlatformApi
from tickets.desk import TicketDesk
from tickets.lifecycle import Lifecycle

SERVER = {"wechat_token": "token12345", "wechat_aes_key": "a" * 43}


async def said(settings, **changed):
    """What `doctor` says, by what was looked at."""
    findings = await check_account(settings.model_copy(update=SERVER | changed))
    return {finding.subject: (finding.fine, finding.message) for finding in findings}


async def test_without_an_account_nothing_is_asked(wechat):
    ((fine, told),) = (await said(Settings(wechat_api_url=wechat.address))).values()
    assert fine
    assert "不启用" in told
    assert not wechat.api.calls
    assert not wechat.account.tokens.fetched


async def test_an_account_set_up_right_is_found_fine(wechat, tmp_path):
    wechat.account.menu = {"button": [{"type": "click", "name": "转人工", "key": "/ask_for_person", "sub_button": []}]}
    (tmp_path / "wechat_menu.yml").write_text("- {name: 转人工, send: /ask_for_person}\n", encoding="utf-8")
    found = await said(wechat.settings, data_dir=tmp_path)
    assert [fine for fine, _ in found.values()] == [True] * 5, found


@pytest.mark.parametrize(
    ("changed", "subject", "told"),
    [
        ({"wechat_secret": ""}, "微信公众号", "LTB_WECHAT_SECRET"),
        ({"wechat_secret": "wrong"}, "微信公众号", "AppSecret 不对"),
        ({"wechat_appid": "wxother"}, "微信公众号", "AppID 不对"),
        ({"wechat_api_url": "http://127.0.0.1:9"}, "微信公众号", "连不上微信"),
        ({"wechat_token": "!"}, "微信服务器配置", "LTB_WECHAT_TOKEN"),
        ({"wechat_aes_key": "short"}, "微信服务器配置", "43 位"),
        ({"wechat_templates": {"progress": "T-gone"}}, "微信模板消息", "复制“诉求办理进度通知”的模板 ID"),
        ({"wechat_templates": {"progres": "T-progress"}}, "微信模板消息", "可以写：progress、answered"),
        ({"wechat_subscriptions": {"progress": "S-answered"}}, "微信订阅通知", "字段对不上"),
        ({}, "微信菜单", "wechat menu push"),
    ],
    ids=["secret", "wrong secret", "appid", "address", "token", "aes key", "no template", "name", "fields", "menu"],
)
async def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(wechat, tmp_path, changed, subject, told):
    fine, message = (await said(wechat.settings, data_dir=tmp_path, **changed))[subject]
    assert not fine
    assert told in message


async def test_the_doctor_names_the_address_that_is_not_on_the_whitelist(wechat):
    wechat.account.tokens.allowed_ips = set()
    fine, message = (await said(wechat.settings))["微信公众号"]
    assert not fine
    assert "127.0.0.1" in message


@pytest.mark.parametrize(
    ("file", "subject"), [("wechat_templates.yml", "微信模板消息"), ("wechat_menu.yml", "微信菜单")]
)
async def test_the_doctor_reads_the_installations_own_files(wechat, tmp_path, file, subject):
    (tmp_path / file).write_text("nothing: [", encoding="utf-8")
    fine, message = (await said(wechat.settings, data_dir=tmp_path))[subject]
    assert not fine
    assert "YAML" in message


@contextmanager
def served_apart():
    """A platform that answers while a command keeps this thread busy."""
    ready, loop, opened = threading.Event(), asyncio.new_event_loop(), []

    async def serve():
        api = PlatformApi(Account())
        async with served(api.app()) as address:
            opened.append(Platform(api, address))
            over = asyncio.Event()
            opened.append(over)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    platform, over = opened
    try:
        yield platform
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.fixture
def account(run, monkeypatch):
    """The account the commands work on."""
    with served_apart() as platform:
        for name in ("appid", "secret", "api_url"):
            monkeypatch.setenv(f"LTB_WECHAT_{name.upper()}", getattr(platform.settings, f"wechat_{name}"))
        load_settings.cache_clear()
        yield platform.account


def test_the_menu_is_shown_and_pushed(run, account):
    assert "查进度  /ask_ticket_status" in run("wechat", "menu", "show").stdout
    run("wechat", "menu", "push")
    shown = json.loads(run("wechat", "menu", "show", "--json").stdout)
    assert [button["name"] for button in account.menu["button"]] == [button["name"] for button in shown["button"]]
    assert "办事指南" in SEED.read_text(encoding="utf-8")


def test_a_code_for_a_ticket_is_drawn(run, account, tmp_path):
    async def submit():
        chosen = load_settings()
        keyring = open_keyring("", chosen.data_dir)
        database = Database(chosen.sqlalchemy_url)
        ticket = await TicketDesk(Lifecycle.open(database, keyring)).submit(DRAFT)
        await database.close()
        return ticket.number

    run("db", "upgrade")
    number = asyncio.run(submit())
    picture = tmp_path / "code.png"
    made = json.loads(run("wechat", "qr", "--ticket", number, "-o", picture, "--json").stdout)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert account.scan(made["url"]) == made["scene"]
    assert number not in made["scene"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["no-such-entry"], "没有发布代码为“no-such-entry”的条目"),
        (["--ticket", "20200101000001"], "没有编号为 20200101000001 的工单"),
        ([], "二选一"),
        (["card", "--ticket", "1"], "二选一"),
    ],
    ids=["no entry", "no ticket", "nothing", "both"],
)
def test_a_code_for_nothing_is_refused(run, account, tmp_path, arguments, complaint):
    assert complaint in run("wechat", "qr", *arguments, "-o", tmp_path / "code.png", code=1).stderr
    assert not account.codes


def test_without_an_account_the_commands_say_where_to_begin(run):
    assert "docs/wechat.md" in run("wechat", "menu", "push", code=1).stderr


def test_templates_are_previewed_and_those_without_an_id_marked(run, monkeypatch):
    monkeypatch.setenv("LTB_WECHAT_TEMPLATES", '{"progress": "T1"}')
    load_settings.cache_clear()
    shown = run("wechat", "templates").stdout
    assert "submit  诉求办理进度通知  （没有模板 ID：订阅通知）" in shown
    assert "说明：11月27日前给您结果" in shown
    assert json.loads(run("wechat", "templates", "--json").stdout)["answered"]["without_id"] == ["模板消息", "订阅通知"]
