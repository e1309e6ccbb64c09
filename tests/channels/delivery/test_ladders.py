"""Which ways a notice takes is data, checked when it is read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.delivery.ladder import Ladders, LaddersRefused
from channels.delivery.preview import previews
from channels.delivery.remedies import again_at, pause
from channels.outcomes import Remedy, SendRefused
from tickets.announcements import wordings
from tickets.moves import Verb

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def ladders():
    return Ladders.load()


def ways(ladders, kind, verb, channel):
    return [step.rung for step in ladders.of(kind, verb, channel).steps]


@pytest.mark.parametrize("verb", ["answer", "suspend", "approve", "grant_extension", "not_accept"])
def test_what_a_citizen_has_to_know_reaches_them_also_when_the_page_is_closed(ladders, verb):
    assert ways(ladders, "ticket", verb, "widget")[0] == "widget"
    assert ways(ladders, "ticket", verb, "widget")[-1] == "sms"
    assert ways(ladders, "ticket", verb, "wechat")[-1] == "sms"
    assert ladders.of("ticket", verb, "widget").steps[0].receipt is not None


@pytest.mark.parametrize("channel", ["phone", "api", "open311", "import"])
def test_who_came_by_no_page_is_told_on_wechat_or_by_sms(ladders, channel):
    wanted = ["wechat_message", "wechat_template", "wechat_subscription", "sms"]
    for verb in ("submit", "dispatch", "accept", "approve", "resolve", "rework"):
        assert ways(ladders, "ticket", verb, channel) == wanted


@pytest.mark.parametrize(("channel", "taken"), [("wechat", ["wechat_message"]), ("widget", []), ("phone", [])])
def test_what_a_person_says_is_for_the_chat_alone(ladders, channel, taken):
    assert ways(ladders, "agent", "", channel) == taken


def test_nobody_is_spared_news_of_their_own_ticket_by_an_opt_out(ladders):
    for verb in wordings():
        for channel in ("widget", "wechat", "phone"):
            assert not ladders.of("ticket", verb.value, channel).opt_out
    for channel in ("widget", "wechat", "phone"):
        assert ladders.of("answered", "", channel).opt_out or "sms" not in ways(ladders, "answered", "", channel)


def test_every_notice_there_is_can_be_looked_at_beforehand(ladders):
    shown = {each.letter.purpose: each for each in previews(ladders)}

    assert set(shown) == {f"ticket_{verb.value}" for verb in wordings()} | {"answered"}
    for each in shown.values():
        assert each.letter.reply["text"]
        assert "{" not in each.letter.reply["text"]
        assert "text" not in each.letter.values
        assert "reason" not in each.letter.values
    assert Verb.APPROVE.value == shown["ticket_approve"].letter.occasion


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("ladders: [", "不是有效的 YAML"),
        ("rungs: {}\nladders: [{steps: [pigeon]}]", "ladders.0.steps.0.rung"),
        ("rungs: {}\nladders: [{steps: [sms, sms]}]", "写了两次"),
        ("rungs: {sms: {patience_minutes: 0, per_second: 1}}\nladders: []", "rungs.sms.patience_minutes"),
        ("rungs: {}\nladders: []\nmore: 1", "more"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_it_is_wrong(tmp_path, written, complaint):
    own = tmp_path / "ladders.yml"
    own.write_text(written)
    with pytest.raises(LaddersRefused, match=complaint):
        Ladders.load(own)


def test_a_city_may_have_ladders_of_its_own(tmp_path):
    own = tmp_path / "ladders.yml"
    own.write_text("rungs: {sms: {patience_minutes: 60, per_second: 5}}\nladders: [{steps: [sms]}]")
    found = Ladders.load(own)

    assert [step.patience for step in found.of("ticket", "approve", "widget").steps] == [timedelta(hours=1)]


@given(st.integers(1, 10_000))
def test_pauses_only_grow_and_stay_within_half_an_hour(tries):
    assert timedelta(seconds=5) <= pause(tries) <= pause(tries + 1) <= timedelta(minutes=30)


@given(
    st.sampled_from(list(Remedy)),
    st.none() | st.timedeltas(timedelta(), timedelta(days=10)),
    st.integers(1, 50),
    st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_nothing_is_tried_again_before_now_or_after_patience(remedy, after, tries, patience):
    until = again_at(SendRefused("test", "code", "不行", remedy, after), tries, NOW, NOW + patience)

    assert until is None or NOW <= until <= NOW + patience
    if remedy in (Remedy.PERMANENT, Remedy.ANOTHER_WAY):
        assert until is None


def test_a_file_in_another_encoding_is_refused_with_what_to_do(tmp_path):
    own = tmp_path / "ladders.yml"
    own.write_bytes("# 通知方式\nrungs: {}\n".encode() + b"\xff")
    with pytest.raises(LaddersRefused, match=r"ladders\.yml：看不懂文件的编码，请另存为 UTF-8"):
        Ladders.load(own)
