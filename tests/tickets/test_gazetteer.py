"""Street and community of a request, read from what people type by the district's own list."""

import json
from dataclasses import replace

import pytest
from hotline import DRAFT
from surface import NEW

from tickets.intake.gazetteer import Gazetteer, GazetteerRefused, Location

GAZETTEER = Gazetteer.load()


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("阳光小区3号楼", Location("阳光街道", "阳光社区")),
        ("示例区和平街道办事处门口", Location("和平街道")),
        ("和平街道青年社区", Location("和平街道", "青年社区")),
        ("和平里小区和青年小区之间", Location("和平街道")),
        ("和平街道和东风街道交界处", None),
        ("丽景花园，就是和平街道对面那个", Location("和平街道")),
        ("人民路12号", None),
        ("", None),
    ],
)
def test_the_one_place_a_text_names_is_found(text, location):
    assert GAZETTEER.find(text) == location


def test_of_two_communities_of_one_name_the_street_tells_which():
    both = Gazetteer(
        [("东街道", Location("东街道")), ("西街道", Location("西街道"))]
        + [("幸福社区", Location(street, "幸福社区")) for street in ("东街道", "西街道")]
    )

    assert both.find("西街道幸福社区") == Location("西街道", "幸福社区")
    assert both.find("幸福社区") is None


def test_names_that_hold_what_is_typed_are_offered():
    assert ("阳光小区", Location("阳光街道", "阳光社区")) in GAZETTEER.names_like("阳光", 5)
    assert GAZETTEER.names_like("小区", 1)[0][0].endswith("小区")
    assert [name for name, _ in GAZETTEER.names_like("里小区", 5)] == ["和平里小区", "幸福里小区"]
    assert GAZETTEER.names_like("", 5) == []


@pytest.mark.parametrize(
    ("said", "street", "community", "place"),
    [
        ({"place": "阳光小区3号楼"}, "阳光街道", "阳光社区", "阳光小区3号楼"),
        ({"place": "未说明", "description": "滨河家园门口的路灯不亮"}, "东风街道", "滨河社区", "未说明"),
        ({"place": "人民路12号"}, None, None, "人民路12号"),
        ({"place": "路口", "street": "和平街道"}, "和平街道", None, "路口"),
        ({"place": "路口", "street": "和平街道", "community": "青年社区"}, "和平街道", "青年社区", "路口"),
        ({"place": "阳光小区", "street": "和平街道"}, "和平街道", None, "阳光小区"),
        ({"place": "5号", "street": "无名街道", "community": "无名社区"}, None, None, "无名街道 无名社区 5号"),
        ({"place": "5号", "community": "青年小区"}, "和平街道", "青年社区", "青年小区 5号"),
    ],
)
async def test_a_ticket_has_street_and_community_by_the_list_and_the_rest_as_it_was_said(
    hotline, said, street, community, place
):
    ticket = await hotline.submitted(replace(DRAFT, **{"description": "路灯不亮"} | said))

    assert (ticket.street, ticket.community, ticket.place) == (street, community, place)


async def test_other_systems_learn_which_street_it_is(surface, agent_key):
    made = await (await surface.post(agent_key, json=NEW)).json()
    assert (made["street"], made["community"]) == ("阳光街道", "阳光社区")


def test_a_city_puts_its_own_list_in_its_place(run, tmp_path):
    own = tmp_path / "var" / "gazetteer.yml"
    own.parent.mkdir()
    own.write_text("渔村街道:\n  码头社区: [老码头]\n", "utf-8")
    run("user", "add", "agent", "--role", "agent")
    sheet = tmp_path / "上级.csv"
    sheet.write_text("上级工单编号,诉求内容,地点\nSJ-1,路灯不亮,老码头西边\n", "utf-8")

    run("ticket", "import", sheet, "--apply", "--as", "agent")
    (shown,) = json.loads(run("ticket", "list", "all", "--as", "agent", "--json").stdout)["tickets"]
    assert shown["street"] == "渔村街道"

    own.write_text("渔村街道: [码头社区]\n", "utf-8")
    assert "下面应写 社区" in run("ticket", "list", "all", "--as", "agent", code=1).stderr
    findings = json.loads(run("doctor", "--json", code=1).stdout)["findings"]
    assert any("渔村街道" in each["message"] for each in findings)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "不能是空的"),
        ("东街道: {东社区: 一}", "应是一个列表"),
        ("东: {}", "2 到 40"),
        ("a: [", "不是有效的 YAML"),
    ],
)
def test_a_list_that_is_wrong_is_refused_with_what_to_write(tmp_path, content, told):
    own = tmp_path / "gazetteer.yml"
    own.write_text(content, "utf-8")
    with pytest.raises(GazetteerRefused, match=told):
        Gazetteer.load(own)
