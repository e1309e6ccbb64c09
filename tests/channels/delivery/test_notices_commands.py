"""`liaotianban notices`: staff see what became of notices, have one tried anew, call one off."""

import asyncio
import json

import pytest
from hotline import DRAFT

from program.commands.installation import open_database
from service.encryption import Keyring
from service.outbox import Notice, put_within


@pytest.fixture
def kept(run, clock):
    """An installation with a notice that holds a phone number in its news."""
    news = Keyring(bytes(32)).cipher("tickets").encrypt_text(f"{DRAFT.name} {DRAFT.phone}")
    notice = Notice("one", "ticket", "20261121-00042-0", "conversation-1", "widget", news=news)

    async def put():
        async with open_database() as database:
            await database.write(lambda connection: put_within(connection, [notice], clock()))

    asyncio.run(put())
    return run


def test_a_notice_is_seen_called_off_and_tried_anew(kept):
    (listed,) = json.loads(kept("notices", "list", "--json").stdout)["notices"]
    assert (listed["subject"], listed["state"]) == ("20261121-00042-0", "waiting")

    kept("notices", "retry", listed["id"], code=1)
    kept("notices", "cancel", listed["id"], "--reason", "诉求人说不用了")
    assert "已取消" in kept("notices", "show", listed["id"]).stdout
    kept("notices", "cancel", listed["id"], code=1)
    kept("notices", "retry", listed["id"])
    assert json.loads(kept("notices", "list", "--state", "waiting", "--json").stdout)["notices"]


def test_a_notice_goes_to_another_number_only_with_a_reason(kept):
    kept("notices", "cancel", 1)
    assert "--reason" in kept("notices", "retry", 1, "--phone", "13900139000", code=1).output
    assert "不是" in kept("notices", "retry", 1, "--phone", "010-12345", "--reason", "女儿的", code=1).output
    kept("notices", "retry", 1, "--phone", "13900139000", "--reason", "女儿的，本人说的")
    assert "13900139000" not in kept("notices", "show", 1, "--json").output


def test_nothing_personal_is_shown(kept):
    for command in (["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"]):
        shown = kept("notices", *command).output
        assert "13800138000" not in shown
        assert "conversation-1" not in shown


def test_what_is_not_there_is_said_plainly(kept):
    assert "没有 99 号通知" in kept("notices", "show", 99, code=1).output
    assert "没有“gone”这种状态" in kept("notices", "list", "--state", "gone", code=1).output
    assert "没有停" in kept("notices", "ways", "--mended", "sms", code=1).output
    assert "都正常" in kept("notices", "ways").output


def test_every_text_can_be_read_beforehand(kept):
    shown = kept("notices", "preview").stdout
    assert "有答复了" in shown
    assert "短信" in shown
    assert len(json.loads(kept("notices", "preview", "--json").stdout)["notices"]) > 15


def test_a_worker_alone_needs_what_it_shares_with_the_others(kept):
    assert "LTB_REDIS_URL" in kept("worker", code=1).output
