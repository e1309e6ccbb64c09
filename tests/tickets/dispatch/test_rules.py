"""The dispatch list: what is taken, and which rule wins."""

from datetime import date

import pytest

from tickets.dispatch.matching import DispatchList
from tickets.dispatch.request import Request
from tickets.dispatch.rule_files import read_rules, seed_rules, write_rules
from tickets.dispatch.rules import Rule, RulesRefused, check_together, rule_of

DAY = date(2026, 11, 21)
STALL = Request("人民广场有人摆摊", "人民广场", "市容环卫/占道经营", "占道经营举报")


def decided(rules, request=STALL, day=DAY):
    match = DispatchList(rules).match(request, day)
    return match and match.decided and match.decided.key


def test_the_most_specific_rule_wins():
    rules = [
        Rule("词", "甲", keywords=("摆摊",)),
        Rule("类", "乙", category="市容环卫"),
        Rule("类和地", "丙", category="市容环卫", place="人民广场"),
        Rule("细类", "丁", category="市容环卫/占道经营"),
        Rule("事项", "戊", matter="占道经营举报"),
    ]
    order = []
    while rules:
        order.append(decided(rules))
        rules = [rule for rule in rules if rule.key != order[-1]]
    assert order == ["事项", "细类", "类和地", "类", "词"]


def test_a_rule_holds_from_its_first_day_to_its_last():
    rule = Rule("一", "甲", keywords=("摆摊",), effective_from=date(2026, 11, 21), expires_on=date(2026, 11, 22))
    days = [date(2026, 11, day) for day in (20, 21, 22, 23)]
    assert [decided([rule], day=day) for day in days] == [None, "一", "一", None]


def test_a_category_does_not_cover_one_that_only_begins_alike():
    assert decided([Rule("一", "甲", category="市容")]) is None


def test_all_keywords_are_wanted_and_any_alternative_will_do():
    assert decided([Rule("一", "甲", keywords=("摆摊|占道", "广场"))]) == "一"
    assert decided([Rule("一", "甲", keywords=("摆摊", "噪音"))]) is None


def test_rules_that_ask_for_as_much_and_disagree_decide_nothing():
    assert decided([Rule("一", "甲", keywords=("摆摊",)), Rule("二", "乙", keywords=("广场",))]) is None


def test_the_newest_ruling_settles_a_disagreement():
    rulings = [
        Rule("一", "甲", keywords=("摆摊",), decided_by="热线中心", decided_on=date(2026, 1, 2)),
        Rule("二", "乙", keywords=("广场",), decided_by="热线中心", decided_on=date(2026, 3, 4)),
    ]
    assert decided(rulings) == "二"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"lead": "甲", "keywords": "摊"}, "没有编号"),
        ({"key": "一", "keywords": "摊"}, "没有写主办单位"),
        ({"key": "一", "lead": "甲"}, "至少要写一样"),
        ({"key": "一", "lead": "甲", "keywords": "摊", "assisting": "甲"}, "已经是主办"),
        ({"key": "一", "lead": "甲", "keywords": "摊|"}, "两边都要有"),
        ({"key": "一", "lead": "甲", "keywords": "摊", "effective_from": "去年"}, "请写成 2026-01-31"),
        ({"key": "一", "lead": "甲", "keywords": "摊", "decided_by": "中心"}, "一起写"),
        ({"key": "一", "lead": "甲", "category": "市容//占道"}, "中间不要空"),
        ({"key": "一", "lead": "甲", "keywords": "摊", "颜色": "红"}, "不认识“颜色”"),
        (
            {"key": "一", "lead": "甲", "keywords": "摊", "effective_from": "2026-02-01", "expires_on": "2026-01-01"},
            "早于",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line_and_what_to_do(row, complaint):
    with pytest.raises(RulesRefused, match=rf"第 3 行.*{complaint}"):
        rule_of(row, "第 3 行")


def test_two_rules_may_not_say_different_things_of_the_same_days():
    first = Rule("一", "甲", keywords=("摊", "路"), expires_on=DAY)
    with pytest.raises(RulesRefused, match="条件一样"):
        check_together([first, Rule("二", "乙", keywords=("路", "摊"), effective_from=DAY)])
    check_together([first, Rule("二", "乙", keywords=("路", "摊"), effective_from=date(2026, 11, 22))])


@pytest.mark.parametrize("name", ["list.csv", "list.yml"])
def test_a_written_list_reads_back_the_same(tmp_path, name):
    write_rules(seed_rules(), tmp_path / name)
    assert sorted(read_rules(tmp_path / name), key=lambda rule: rule.key) == list(seed_rules())


def test_a_list_from_a_spreadsheet_in_gb18030_is_read(tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes("编号,关键词,主办单位,协办单位\n一,停水,水务局,甲、乙\n".encode("gb18030"))
    assert read_rules(file) == [Rule("一", "水务局", ("甲", "乙"), keywords=("停水",))]


def test_a_list_without_a_needed_column_says_which(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("编号,关键词\n一,停水\n", "utf-8")
    with pytest.raises(RulesRefused, match="缺少“主办单位”"):
        read_rules(file)


def test_no_example_of_the_product_sends_anything_anywhere():
    assert not any(rule.in_force(DAY) for rule in seed_rules())
