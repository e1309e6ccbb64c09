import pytest

from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.live import open_knowledge, refresh_knowledge
from knowledge_base.search.lexical import SIGNALS
from knowledge_base.synonym_store import SynonymStore
from knowledge_base.synonyms import Synonyms, SynonymsRefused, check_group, read_groups, write_groups
from service.identity.roles import Actor, Role
from service.settings import Settings
from service.text import Tokenizer

LI = Actor("li.hua", frozenset({Role.CURATOR}))
CLERK = Actor("ma.jun", frozenset({Role.AGENT}))


@pytest.fixture
async def store(database, clock):
    opened = SynonymStore(database, clock)
    await opened.seed()
    return opened


def test_everyday_words_and_official_ones_mean_the_same():
    small = Synonyms({"社会保障卡": ("社保卡", "市民卡"), "驾驶证": ("本本", "驾照"), "医保": ("N+1",)})

    assert small.concepts("我的社保卡和驾照丢了") == ("=社会保障卡", "=驾驶证")
    assert small.concepts("社会保障卡") == ("=社会保障卡",)
    assert small.concepts("n 1 怎么算") == ("=医保",)
    assert small.concepts("社保") == ()


def test_the_products_own_synonyms_find_what_a_plain_search_finds():
    own = Synonyms.default()
    for text in ("孩子 医保 怎么弄", "欠薪不发工资 去哪告", "港澳通行证 签注", "社保卡 身份证 驾照 都丢了"):
        plain = {f"={official}" for official, words in own.groups.items() if any(w in text for w in (official, *words))}
        assert set(own.concepts(text)) == plain


@pytest.mark.parametrize(
    ("official", "words", "complaint"),
    [
        ("驾驶证", [], "没有写常用说法"),
        ("驾驶证", [" "], "空的"),
        ("驾驶证", ["！？"], "空的"),
        ("", ["驾照"], "空的"),
        ("驾驶证", ["本"], "只有一个字"),
        ("驾驶证", ["驾" * 41], "太长"),
        ("驾驶证", ["驾驶证！"], "同一个词"),
        ("驾照", ["驾驶证"], "绕成了一圈"),
        ("车本", ["驾驶证"], "绕成了一圈"),
        ("驾驶证", [f"驾照{n}" for n in range(51)], "超过 50 个"),
    ],
)
def test_words_that_cannot_be_taken(official, words, complaint):
    with pytest.raises(SynonymsRefused, match=complaint):
        check_group(official, words, {"驾驶证": ("驾照",), "驾照": ("车本",)})


async def test_the_table_begins_with_the_products_own(store):
    assert (await store.all()).groups == Synonyms.default().groups
    await store.seed()
    assert {change.verb for change in await store.history(1000)} == {"seed"}


async def test_words_are_added_removed_and_brought_back(store):
    await store.add(LI, "社会保障卡", ["一卡通"])
    assert (await store.all()).concepts("一卡通") == ("=社会保障卡",)

    removed = await store.remove(LI, "社会保障卡")
    assert "社会保障卡" not in (await store.all()).groups
    assert (await store.history(1))[0].actor == "li.hua"

    await store.undo(LI, removed)
    assert "一卡通" in (await store.all()).groups["社会保障卡"]
    await store.remove(LI, "社会保障卡", ["一卡通"])
    assert (await store.all()).groups == Synonyms.default().groups
    with pytest.raises(SynonymsRefused, match="后来又改过"):
        await store.undo(LI, removed)
    with pytest.raises(SynonymsRefused, match="没有编号为 999"):
        await store.undo(LI, 999)


async def test_what_is_not_there_is_not_removed_and_nobody_without_the_role_changes_anything(store):
    with pytest.raises(SynonymsRefused, match="没有“飞机票”"):
        await store.remove(LI, "飞机票")
    with pytest.raises(SynonymsRefused, match="里没有“飞机票”"):
        await store.remove(LI, "驾驶证", ["飞机票"])
    with pytest.raises(SynonymsRefused, match="都已经是这样了"):
        await store.add(LI, "驾驶证", ["驾照"])
    with pytest.raises(SynonymsRefused, match="权限"):
        await store.add(CLERK, "驾驶证", ["车照"])


async def test_a_file_takes_the_place_of_all_or_of_none(store, tmp_path):
    file = tmp_path / "synonyms.yml"
    write_groups((await store.all()).groups, file)
    with pytest.raises(SynonymsRefused, match="都已经是这样了"):
        await store.replace(LI, read_groups(file))

    with pytest.raises(SynonymsRefused, match="绕成了一圈"):
        await store.replace(LI, {"甲乙": ["丙丁"], "丙丁": ["甲乙"]})
    revision = await store.replace(LI, {"飞机票": ["机票"]})
    assert (await store.all()).groups == {"飞机票": ("机票",)}
    await store.undo(LI, revision)
    assert (await store.all()).groups == Synonyms.default().groups


@pytest.mark.parametrize("text", ["", "[1]", "甲乙: 丙", "甲乙: [1]", "a: [", "1: [甲乙]"])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "x.yml").write_text(text, "utf-8")
    with pytest.raises(SynonymsRefused):
        read_groups(tmp_path / "x.yml")


async def test_every_process_takes_a_change_over_at_its_next_look(database, clock, tmp_path):
    entries, knowledge = await open_knowledge(Settings(data_dir=tmp_path, encoder=False), database, clock)
    assert not await refresh_knowledge(entries, knowledge)
    before = (await knowledge.index()).find("噗噗卡", None, Tokenizer()).signals

    await SynonymStore(database, clock).add(LI, "社会保障卡", ["噗噗卡"])
    assert await refresh_knowledge(entries, knowledge)
    after = (await knowledge.index()).find("噗噗卡", None, Tokenizer()).signals
    assert before[:, SIGNALS.index("wording synonyms")].max() == 0
    assert after[:, SIGNALS.index("wording synonyms")].max() > 0


async def test_new_synonyms_change_what_is_found(clock):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    others = [Entry(slug=f"e{n}", question=f"第{n}件事怎么办", answer="…") for n in range(5)]
    await knowledge.replace([Entry(slug="ebike", question="电动自行车怎么上牌", answer="去车管所。"), *others])
    before = {found.entry.slug: found.score for found in await knowledge.candidates("噗噗车上哪登记", 6)}

    await knowledge.use_synonyms(Synonyms({"电动自行车": ("噗噗车",)}))
    after = {found.entry.slug: found.score for found in await knowledge.candidates("噗噗车上哪登记", 6)}
    assert after["ebike"] > before["ebike"]
