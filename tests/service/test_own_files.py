"""A file somebody edited on whatever machine is read, or refused with its name, the line and what to do."""

import pytest

from channels.sms.templates import Texts, TextsRefused
from service.own_file import read_yaml
from service.settings import Settings


class Refused(Exception):
    pass


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_may_be_saved_as_chinese_editors_save_text(tmp_path, encoding):
    path = tmp_path / "own.yml"
    path.write_bytes("名称: 市民热线\n".encode(encoding))
    assert read_yaml(path, Refused) == {"名称": "市民热线"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("甲:\n\t乙: 丙\n", "第 2 行不是有效的 YAML：用了制表符（Tab），请换成空格"),
        ("甲: 1\n乙: 丙: 丁\n", "第 2 行不是有效的 YAML：一行里多了冒号"),
        ("甲: '乙\n", "引号没有配对"),
        ("甲: [乙\n", "括号没有配对"),
        ("甲: @乙\n", "第 1 行不是有效的 YAML：有 YAML 不认的字符"),
        ("甲: 乙\x07\n", "看不见的控制字符"),
        ("甲:\n  - 乙\n 丙: 丁\n", "第 3 行不是有效的 YAML：缩进"),
    ],
)
def test_what_is_no_yaml_is_told_with_file_line_and_what_to_do(tmp_path, content, complaint):
    path = tmp_path / "own.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(Refused) as refused:
        read_yaml(path, Refused)
    assert str(refused.value).startswith(str(path))
    assert complaint in str(refused.value)


def test_bytes_that_are_no_text_and_a_file_nobody_may_read_are_refused(tmp_path):
    path = tmp_path / "own.yml"
    path.write_bytes("这是一段不短的中文文字：".encode() + b"\xff\xfe\n")
    with pytest.raises(Refused, match="第 1 行的文字损坏"):
        read_yaml(path, Refused)
    with pytest.raises(Refused, match="打不开"):
        read_yaml(tmp_path, Refused)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("purposes:\n\t- a\n", "Tab"), ("purposes: 1\n", "purposes：要是"), ("- a\n", "要是")],
)
def test_a_text_file_for_sms_that_cannot_be_used_names_what_is_wrong(tmp_path, content, complaint):
    (tmp_path / "sms").mkdir()
    (tmp_path / "sms" / "templates.yml").write_text(content, "utf-8")
    with pytest.raises(TextsRefused, match=complaint):
        Texts.load(Settings(data_dir=tmp_path))
