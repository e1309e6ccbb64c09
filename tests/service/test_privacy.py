import logging

import pytest

from service.logs import configure_logging
from service.privacy import mask_home, mask_name, mask_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13800138000谢谢", "电话138****8000谢谢"),
        ("138 0013 8000", "138****8000"),
        ("+8613800138000", "+86138****8000"),
        ("008613800138000", "0086138****8000"),
        ("身份证110101199003071233", "身份证1****************3"),
        ("11010119900307123X", "1****************X"),
        ("卡号6222021234567890123", "卡号6222********0123"),
        ("工单20261121-00042-0", "工单20261121-00042-0"),
        ("罚款200元，2026年11月21日", "罚款200元，2026年11月21日"),
    ],
)
def test_numbers_that_name_a_person_are_masked(text, masked):
    assert mask_personal_data(text) == masked


def test_a_name_shows_its_first_character():
    assert mask_name("王小明") == "王*"


def test_whatever_is_logged_is_masked(capsys):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logging()
        logging.getLogger("some.library").warning("call %s back", "13800138000")
        logged = capsys.readouterr().err
    finally:
        root.handlers[:], root.level = handlers, level
    assert "138****8000" in logged
    assert "13800138000" not in logged


@pytest.mark.parametrize(
    ("place", "masked"),
    [
        ("阳光小区3号楼2单元501", "阳光小区*号楼*单元*"),
        ("阳光小区3号楼2单元501室", "阳光小区*号楼*单元*室"),
        ("幸福路12号门口", "幸福路*号门口"),
        ("丽景花园十二栋B座", "丽景花园*栋*座"),
        ("和平里小区5-2-301", "和平里小区*"),
        ("人民公园东门", "人民公园东门"),
    ],
)
def test_a_place_is_told_without_the_door(place, masked):
    assert mask_home(place) == masked
