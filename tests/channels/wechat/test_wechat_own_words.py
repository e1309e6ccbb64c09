"""What an installation may change: the account's own sentences, and who listens to voices."""

import pytest

from channels.wechat.arriving.voice import load_recogniser
from channels.wechat.misconfigured import WechatMisconfigured
from channels.wechat.wording import Wording


def test_an_installation_changes_one_sentence_and_keeps_the_others(tmp_path):
    own = tmp_path / "wechat_wording.yml"
    own.write_text("welcome: 欢迎来到{name}！", "utf-8")

    assert Wording.load(own).welcome == "欢迎来到{name}！"
    assert Wording.load(own).not_heard == Wording.load(tmp_path / "none.yml").not_heard


@pytest.mark.parametrize("text", ["welcom: 你好", "welcome: '{who}好'", "welcome: 3", "- 你好", "a: [", "welcome: '{'"])
def test_a_wrong_sentence_is_told(tmp_path, text):
    own = tmp_path / "wechat_wording.yml"
    own.write_text(text, "utf-8")

    with pytest.raises(WechatMisconfigured, match="wechat_wording"):
        Wording.load(own)


@pytest.mark.parametrize("name", ["nothing.there:Ears", "json:nothing", "json", "json:loads", ":"])
def test_a_recogniser_that_is_none_is_told(name):
    with pytest.raises(WechatMisconfigured, match="LTB_WECHAT_VOICE_RECOGNISER"):
        load_recogniser(name)


def test_no_recogniser_is_no_mistake():
    assert load_recogniser("") is None
