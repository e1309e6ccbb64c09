import pytest
import yaml

from tickets.categories.tree import SEED, Categories, CategoriesRefused

CATEGORIES = Categories.load()


def test_every_category_a_time_rule_names_is_in_the_tree():
    rules = yaml.safe_load((SEED.parents[1] / "deadlines" / "rules.yml").read_text(encoding="utf-8"))

    named = {code for rule in rules for code in rule.get("when", {}).get("category", ())}
    assert named
    assert all(code in CATEGORIES for code in named)


def test_the_tree_that_comes_with_the_product_has_two_levels():
    assert CATEGORIES.get("旅游/景区服务").parent == "旅游"
    assert all(category.parent in CATEGORIES for category in CATEGORIES.leaves)
    assert all(category.code == f"{category.parent}/{category.name}" for category in CATEGORIES.leaves)
    assert len(CATEGORIES.leaves) > 50


def test_an_installations_own_tree_takes_its_place(tmp_path):
    own = tmp_path / "categories.yml"
    assert "旅游" in Categories.load(own)
    own.write_text("渔业:\n  禁渔期: [偷捕]\n", encoding="utf-8")

    assert [category.code for category in Categories.load(own)] == ["渔业", "渔业/禁渔期"]


def test_the_category_whose_words_are_used_is_suggested():
    assert CATEGORIES.suggested_for("3号楼的电梯又坏了").code == "住房和物业/电梯"
    assert CATEGORIES.suggested_for("你好") is None


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "两级结构"),
        ("- 旅游\n", "两级结构"),
        ("旅游: {}\n", "至少要有一个小类"),
        ("旅游: [景区]\n", "至少要有一个小类"),
        ("旅游/景区: {门票: []}\n", "不能有"),
        ("旅游: {门-票: []}\n", "不能有"),
        ("旅游: {门票: 贵}\n", "应是一个列表"),
        ("旅游: {门票: [1]}\n", "应是一个列表"),
        ("旅游: {" + "长" * 60 + ": []}\n", "太长了"),
        ("旅游: [\n", "不是有效的 YAML"),
    ],
)
def test_a_tree_that_cannot_be_is_refused(tmp_path, content, complaint):
    own = tmp_path / "categories.yml"
    own.write_text(content, encoding="utf-8")
    with pytest.raises(CategoriesRefused, match=complaint):
        Categories.load(own)
