import logging
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.logs import configure_logging
from service.privacy import mask_home, mask_name, mask_personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13800138000谢谢", "电话138****8000谢谢"),
        ("138 0013 8000", "138****8000"),
        ("+8613800138000", "+86138****8000"),
        ("008613800138000", "0086138****8000"),
        ("8613800138000", "86138****8000"),
        ("+86 138-0013-8000", "+86 138****8000"),
        ("１３８００１３８０００", "１３８****８０００"),
        ("138.0013.8000", "138****8000"),
        ("010-12345678", "010-12***678"),
        ("（0571）8888 6666", "（0571）88***666"),
        ("021 6234 5678", "021 62***678"),
        ("110101 19900307 123X", "1****************X"),
        ("6222 0212 3456 7890 123", "6222********123"),
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


@contextmanager
def as_a_service_logs():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging()
    try:
        yield logging.getLogger("some.library")
    finally:
        root.handlers[:], root.level = handlers, level


def test_whatever_is_logged_is_masked(capsys):
    with as_a_service_logs() as log:
        log.warning("call %s back", "13800138000")
    logged = capsys.readouterr().err
    assert "138****8000" in logged
    assert "13800138000" not in logged


def test_what_an_error_says_is_masked_as_well(capsys):
    with as_a_service_logs() as log:
        try:
            raise ValueError("no such number: 13800138000")
        except ValueError:
            log.exception("failed")
    logged = capsys.readouterr().err
    assert "ValueError: no such number: 138****8000" in logged
    assert "13800138000" not in logged


async def test_what_a_statement_was_given_is_in_no_error(database):
    with pytest.raises(DBAPIError) as failed:
        await database.read(
            lambda connection: connection.execute(text("SELECT :story FROM nowhere"), {"story": "骨折"})
        )
    assert "骨折" not in str(failed.value)


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
