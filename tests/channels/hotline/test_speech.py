"""What is said on the telephone can be understood by ear: no digits, no addresses, no lists, not long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.hotline.numerals import said_number
from channels.hotline.speech import LONGEST, speakable

_VALUES = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_PLACES = {"十": 10, "百": 100, "千": 1000}


def value_of(said):
    """Reads a spoken whole number back, on its own."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if name in said:
            before, _, after = said.rpartition(name)
            return value_of(before) * size + value_of(after)
    total = digit = 0
    for character in said:
        if character in _PLACES:
            total += (digit or 1) * _PLACES[character]
            digit = 0
        else:
            digit = _VALUES[character]
    return total + digit


@given(st.integers(0, 10**12 - 1))
def test_a_spoken_number_means_what_was_written(number):
    assert value_of(said_number(str(number))) == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "零"),
        ("10", "十"),
        ("12", "十二"),
        ("105", "一百零五"),
        ("1050", "一千零五十"),
        ("10010", "一万零一十"),
        ("20000", "二万"),
        ("100005", "十万零五"),
        ("2.50", "二点五零"),
    ],
)
def test_numbers_are_said_as_people_do(written, said):
    assert said_number(written) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20元，3个工作日内办好。", "二十元，三个工作日内办好。"),
        ("2个工作日，带2张照片。", "两个工作日，带两张照片。"),
        ("3-5个工作日", "三到五个工作日。"),
        ("周一至周五9:00-17:30。", "周一至周五九点到十七点三十分。"),
        ("2026-11-21起执行", "二零二六年十一月二十一日起执行。"),
        ("报销70%-90%", "报销百分之七十到百分之九十。"),
        ("补贴1,200元/月", "补贴一千二百元每月。"),
        ("建筑面积90㎡以下", "建筑面积九十平方米以下。"),
        ("咨询电话010-62345678。", "咨询电话零幺零六二三四五六七八。"),
        ("可以拨打12345或12315。", "可以拨打一二三四五或幺二三幺五。"),
        ("登录https://www.example.gov.cn/a?b=1 办理。", "办理。"),
        ("1. 身份证\n2. 照片", "身份证。照片。"),
        ("- 带《身份证》（原件）；\n- 填表（样表见本页最下面的附件，可以先下载）", "带身份证原件；填表。"),
        ("110个名额", "一百一十个名额。"),
        ("交管12123也能办。12367 24小时接听", "交管幺二幺二三也能办。幺二三六七，二十四小时接听。"),
        ("营业执照（网上能查到的不交）、身份证", "营业执照，网上能查到的不交、身份证。"),
        ("满16岁，年利率2.35%", "满十六岁，年利率百分之二点三五。"),
    ],
)
def test_a_text_is_made_speakable(text, said):
    assert speakable(text) == said


def test_what_is_too_long_ends_with_a_sentence():
    text = "先到窗口取号。" * 30

    assert len(speakable(text)) <= LONGEST
    assert speakable(text).endswith("取号。")
    assert len(speakable("很" * 500)) <= LONGEST
    assert speakable("带身份证，" * 60).endswith("带身份证。")


@given(st.text(alphabet=st.sampled_from("0123456789.,:-%元个年/（）①\n办https://w.cn a至，。"), max_size=300))
def test_whatever_is_written_no_digit_address_or_line_is_said(text):
    said = speakable(text)

    assert not re.search(r"[0-9\n]|https?://", said)
    assert len(said) <= LONGEST


def test_every_sample_entry_can_be_said():
    from knowledge_base.sample import sample_entries

    for entry in sample_entries():
        said = speakable(entry.short_answer or entry.answer)
        assert said, entry.slug
        assert not re.search(r"[0-9\n/]|http", said), said
