"""Requests here are written for these tests."""

import random

import pytest

from tickets.similar import grouping
from tickets.similar.grouping import TooMany, group, likenesses
from tickets.similar.signature import Wording, sign

GARDEN_NOISE = [
    Wording("丽景花园旁边工地夜里施工", "我住丽景花园，隔壁工地每天夜里打桩到两三点，孩子没法睡，打桩声音太大。"),
    Wording("半夜打桩吵得睡不着", "丽景花园南面的工地半夜还在打桩，震得窗户响，希望夜里停工。"),
    Wording("投诉丽景花园附近工地打桩扰民", "工地打桩一直到凌晨，丽景花园几栋楼的人都没法睡觉，请管管夜里施工。"),
]
GARDEN_WATER = [
    Wording("丽景花园自来水发黄", "丽景花园这周放出来的水是黄的，有铁锈味，不敢给孩子喝，请查查水管。"),
    Wording("水里有铁锈味", "丽景花园三栋水龙头的水发黄，铁锈味很重，物业说是水管老了。"),
]
OTHER_NOISE = [
    Wording("金桂小区旁边夜里打桩", "金桂小区隔壁工地打桩到凌晨，没法睡觉，希望夜里停工。"),
]
LAMPS = [
    Wording("幸福路路灯不亮", "幸福路从东头到西头路灯全灭，晚上骑车摔了人，请修好路灯。"),
    Wording("路灯坏了半个月", "幸福路路灯坏了半个月，晚上骑车看不见，希望快点修。"),
]
OTHERS = [
    Wording(f"咨询{what}", f"想问问{what}要准备哪些东西，在哪个窗口，{day}有没有人。")
    for what, day in zip(
        ("居住证续签", "公积金贷款", "退休年龄", "学区划分", "驾照换证", "养犬登记", "老年卡", "医保转移"),
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "节假日"),
        strict=True,
    )
]
ALL = [*GARDEN_NOISE, *GARDEN_WATER, *OTHER_NOISE, *LAMPS, *OTHERS]


def test_one_place_with_two_matters_is_two_topics_and_one_matter_in_two_places_too():
    labels = group(sign(ALL))

    noise, water, other, lamps = labels[:3], labels[3:5], labels[5:6], labels[6:8]
    assert len(set(noise)) == len(set(water)) == len(set(lamps)) == 1
    assert len({noise[0], water[0], other[0], lamps[0]}) == 4


def test_the_order_of_requests_changes_nothing():
    shuffled = list(range(len(ALL)))
    random.Random(4).shuffle(shuffled)
    before, after = group(sign(ALL)), group(sign([ALL[row] for row in shuffled]))

    pairs = {(a, b) for a in range(len(ALL)) for b in range(a) if before[a] == before[b]}
    place = {row: at for at, row in enumerate(shuffled)}
    assert pairs == {(a, b) for a in range(len(ALL)) for b in range(a) if after[place[a]] == after[place[b]]}


def test_likeness_is_symmetric_and_one_with_itself():
    square = likenesses(sign([*ALL, *ALL]))

    assert abs(square - square.T).max() < 1e-5
    assert abs(square.diagonal() - 1).max() < 1e-4


@pytest.mark.parametrize("few", [[], ALL[:1]])
def test_nothing_and_one_request_need_no_comparison(few):
    assert len(group(sign(few))) == len(few)


def test_requests_without_any_text_are_alone():
    labels = group(sign([Wording("", ""), Wording("", "！！"), *LAMPS]))
    assert labels[0] != labels[1]


def test_too_many_at_once_is_said(monkeypatch):
    monkeypatch.setattr(grouping, "MOST", 2)
    with pytest.raises(TooMany, match="缩短时间范围"):
        group(sign(ALL))
