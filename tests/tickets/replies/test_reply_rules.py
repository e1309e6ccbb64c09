import pytest

from tickets.replies.rules import RULES, TYPOS, RulesRefused, rules


def test_no_right_word_is_taken_for_a_wrong_one():
    wrong = {typo.wrong for typo in rules().typos}
    assert len(wrong) == len(rules().typos)
    assert not [typo for typo in rules().typos if typo.right in wrong]


def test_a_broken_rule_is_refused_with_where_and_what(tmp_path):
    broken = tmp_path / "rules.yml"
    broken.write_text(RULES.read_text("utf-8").replace("shirking:\n", "shirking:\n  - '(不归'\n"), "utf-8")
    with pytest.raises(RulesRefused, match=r"rules\.yml.*shirking\.0.*不是正确的匹配式"):
        rules(broken, TYPOS)


def test_a_missing_part_is_named(tmp_path):
    broken = tmp_path / "typos.yml"
    broken.write_text("- {wrong: 布署}\n", "utf-8")
    with pytest.raises(RulesRefused, match=r"typos\.0\.right"):
        rules(RULES, broken)
