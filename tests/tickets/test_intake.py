import pytest

from tickets.intake.first_message import Intake
from tickets.intake.name import read_name
from tickets.intake.phone import display_phone, parse_phone
from tickets.intake.place import UNKNOWN_PLACE, find_place, read_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("我要投诉阳光小区3号楼的物业", "阳光小区3号楼"),
        ("幸福路12号门口下水道堵了", "幸福路12号门口"),
        ("在建设大道和人民路交叉口红绿灯坏了", "建设大道和人民路交叉口"),
        ("家住和平里社区5栋 停水两天了", "和平里社区5栋"),
        ("我们小区路灯不亮", None),
        ("楼上装修吵得没法睡", None),
        ("城管在和平街乱收费", "和平街"),
        ("我住丽景花园，夜里太吵", "丽景花园"),
    ],
)
def test_the_place_is_read_out_of_a_story(text, place):
    assert find_place(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "我家小区电梯坏了",
        "我们家小区门禁坏了",
        "俺家村口的路坑坑洼洼",
        "他家小区垃圾没人收",
        "咱小区路灯不亮",
        "自家小区停水了",
        "我妈住的小区没电梯",
        "邻居家小区也停水",
        "我家楼下广场舞太吵",
        "我家附近医院停车难",
        "他们家超市卖假货",
    ],
)
def test_whose_home_it_is_names_no_place(text):
    assert find_place(text) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("我家阳光小区的电梯坏了", "阳光小区"),
        ("我家住幸福路12号，没水", "幸福路12号"),
        ("俺家住在丽景花园12栋", "丽景花园12栋"),
        ("我奶奶家在和平村，路不通", "和平村"),
        ("我是阳光小区的业主", "阳光小区"),
        ("我家家和小区没水", "家和小区"),
        ("李家村的路不平", "李家村"),
        ("水岸人家小区停水", "水岸人家小区"),
        ("过街天桥坏了", "过街天桥"),
    ],
)
def test_a_name_is_found_behind_whose_home_it_is(text, place):
    assert find_place(text) == place


def test_announcing_a_complaint_is_not_yet_a_story():
    assert Intake.of("我要投诉").description is None
    assert Intake.of("我想反映一个问题。").description is None
    assert Intake.of("我要投诉楼上半夜装修").description == "我要投诉楼上半夜装修"


def test_everything_said_at_once_is_taken():
    told = Intake.of("幸福路12号门口下水道堵了三天，我姓王，电话13800138000")

    assert (told.place, told.phone, told.name) == ("幸福路12号门口", "+8613800138000", "王先生/女士")


def test_a_place_that_cannot_be_named_is_an_answer():
    assert read_place("说不清在哪") == UNKNOWN_PLACE
    assert read_place("12") is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王女士", "王女士"),
        ("张女士，住在5号楼", "张女士"),
        ("好的", None),
        ("我的电话", None),
        ("匿名", None),
        ("叫我老李", "老李"),
        ("我叫张小明", "张小明"),
        ("13800138000", None),
        ("？", None),
    ],
)
def test_a_name_is_read(text, name):
    assert read_name(text) == name


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000", "+8613800138000"),
        ("电话是 138-0013-8000 谢谢", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("010-62345678", "+861062345678"),
        ("13800138000 13900139000", "+8613800138000"),
        ("13800138000 3号楼", "+8613800138000"),
        ("138.0013.8000", "+8613800138000"),
        ("010－62345678", "+861062345678"),
        ("400-800-8888", None),
        ("1380013800", None),
        ("12345678901", None),
        ("没有", None),
        ("+1 202 555 0100", None),
    ],
)
def test_only_a_valid_phone_is_taken(text, phone):
    assert parse_phone(text) == phone


def test_a_phone_is_shown_as_people_write_it():
    assert display_phone("+8613800138000") == "13800138000"
    assert display_phone("+861062345678") == "010-62345678"
