import pytest

from knowledge_base.decision import AnswerSettings
from knowledge_base.entry import Entry
from knowledge_base.knowledge import Knowledge
from knowledge_base.scene import SCENE_LIMIT, Scenes, scene_of

SLUGS = ["id-card", "a" * 61, "a" * 62, "a" * 100, "身份证", "a b", "7", "kb.x", "kh.x", "-x", "a/b", "ID-card", "."]


def test_a_scene_value_is_one_that_wechat_takes():
    for slug in SLUGS:
        scene = scene_of(slug)
        assert 1 <= len(scene) <= SCENE_LIMIT
        assert scene.isascii()
        assert all(character.isalnum() or character in "._-" for character in scene)
    assert scene_of("id-card") == "kb.id-card"
    assert scene_of("身份证") == "kh.be8fc5a81de5de07d73c08929e937e6a"  # hangs on walls: it must not change


def test_every_scene_value_leads_back_to_its_slug_and_to_no_other():
    scenes = Scenes()
    scenes.learn(SLUGS)

    assert [scenes.slug(scene_of(slug)) for slug in SLUGS] == SLUGS
    assert len({scene_of(slug) for slug in SLUGS}) == len(SLUGS)
    for strange in ("", "kb.", "kh.", "id-card", "kb.身份证", "kb." + "a" * 62, "qrscene_kb.id-card"):
        assert scenes.slug(strange) is None, strange


async def test_a_scene_outlives_new_names_and_ends_with_its_entry(clock):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await knowledge.put(Entry(slug="身份证", question="怎么换身份证", matter="换身份证", answer="带旧证。"))
    scene = scene_of("身份证")

    await knowledge.put(Entry(slug="身份证", question="怎么换领身份证", matter="身份证换领", answer="带旧证。"))
    assert knowledge.entry_of_scene(scene).matter == "身份证换领"
    await knowledge.remove("身份证")
    assert knowledge.entry_of_scene(scene) is None


@pytest.mark.parametrize("slug", ["script", "口径"])
async def test_a_code_of_an_entry_for_staff_leads_nowhere(clock, slug):
    knowledge = Knowledge(AnswerSettings(), encoder=False, clock=clock)
    await knowledge.put(Entry(slug=slug, question="怎么答", answer="这样。", visibility="staff"))

    assert knowledge.entry_of_scene(scene_of(slug)) is None
