"""Requests here are written for these tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.alarms.alarm import Grade
from tickets.alarms.judge import Insisting, Topic, chance_of, judge_insisting, judge_surge, judge_words
from tickets.alarms.rules import RULES, AlarmRulesRefused, alarm_rules


@pytest.mark.parametrize(
    ("now", "before", "grade"),
    [
        (4, 0, None),
        (5, 0, Grade.NOTICE),
        (12, 8, Grade.WARNING),
        (40, 8, Grade.URGENT),
        (12, 96, None),
        (40, 320, None),
    ],
)
def test_a_surge_is_told_by_what_is_usual_there(now, before, grade):
    alarm = judge_surge(Topic("77", range(1, now + 1), before))
    assert (alarm.grade if alarm else None) == grade


def test_a_surge_says_how_many_and_who_is_told():
    alarm = judge_surge(Topic("77", range(1, 13), 8))

    assert alarm.key == "surge:77"
    assert alarm.title == "7 天内同一件事有 12 件诉求，平时约 1 件"
    assert alarm.roles == {"dispatcher", "supervisor"}
    assert alarm.tickets == tuple(range(1, 13))


@given(st.integers(0, 200), st.floats(0.1, 100))
def test_more_requests_are_never_more_likely_by_chance(count, usual):
    assert 0 <= chance_of(count + 1, usual) <= chance_of(count, usual) <= 1


@pytest.mark.parametrize(
    ("tickets", "grade"),
    [([1], None), ([1, 1, 1], None), ([1, 2], Grade.NOTICE), ([1, 2, 3], Grade.WARNING), (range(5), Grade.URGENT)],
)
def test_the_third_time_about_something_unsolved_is_a_warning(tickets, grade):
    alarm = judge_insisting(Insisting("ab" * 32, "77", tickets))
    assert (alarm.grade if alarm else None) == grade


def test_nobody_is_named_in_an_alarm_about_a_person():
    alarm = judge_insisting(Insisting("ab" * 32, "77", [1, 2, 3]))
    assert alarm.title == "同一位市民为同一件事第 3 次反映，仍未解决"


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("再没有工资我真的不想活了", Grade.URGENT),
        ("楼顶有个人说要跳楼，快来人", Grade.URGENT),
        ("他扬言要点燃煤气罐和大家同归于尽", Grade.URGENT),
        ("学校食堂吃完饭二十多名学生呕吐腹泻", Grade.URGENT),
        ("我们几十户业主明天去市政府门口拉横幅", Grade.WARNING),
        ("村民准备集体上访讨说法", Grade.WARNING),
        ("五十多人围堵在售楼部", Grade.WARNING),
        ("再不解决我们就找媒体曝光", Grade.WARNING),
        ("工地拖欠农民工工资半年", Grade.NOTICE),
        ("老板跑了，我们来讨薪", Grade.NOTICE),
    ],
)
def test_words_of_danger_and_of_group_events_raise_an_alarm(text, grade):
    assert judge_words(7, f"您好，{text}。请帮帮我们。").grade is grade


@pytest.mark.parametrize(
    "text",
    [
        "商场跳楼价促销，喇叭从早响到晚",
        "希望在天桥装护栏，防止有人跳楼",
        "我们没有聚集，也不会去上访",
        "每晚几十人聚集跳广场舞，音乐太响",
        "蚊虫聚集，居民苦不堪言",
        "这里是商贩聚集区，早上很堵",
        "旅游行业协会的电话是多少",
        "电梯三天两头罢工，没人修",
        "工厂宿舍的老鼠要不要统一弄死",
        "咨询农民工欠薪保证金的规定",
        "社区什么时候有预防食物中毒的讲座",
    ],
)
def test_harmless_uses_and_denials_raise_none(text):
    assert judge_words(7, text) is None


def test_the_gravest_counts_and_all_are_named():
    alarm = judge_words(7, "拖欠工资两年，工人要集体上访，有人说不想活了")

    assert alarm.grade is Grade.URGENT
    assert alarm.key == "words:7"
    assert alarm.title == "有人可能轻生（“不想活”）、可能有群体行动（“集体上访”）、讨要工资（“拖欠工资”）"
    assert alarm.roles == {"dispatcher", "supervisor", "agent"}


def test_a_wrong_rule_is_refused_with_where_and_what(tmp_path):
    broken = tmp_path / "rules.yml"
    broken.write_text(RULES.read_text("utf-8").replace("grade: notice", "grade: grave"), "utf-8")
    with pytest.raises(AlarmRulesRefused, match=r"words\.5\.grade.*没有“grave”这个等级"):
        alarm_rules(broken)
