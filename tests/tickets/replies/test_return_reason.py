import pytest

from tickets.replies import check_return_reason


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("不是我局职能", "应由哪个单位办"),
        ("经核实，该事项不属于我局职责范围", "不属于我局职责"),
        ("该问题与我单位无关，请退回", "依据是什么"),
        ("超出本部门职权，无法办理", "超出本部门职权"),
        ("请退回由相关部门办理", "没有写应由哪个单位来办"),
        ("退单", "为什么退"),
        ("", "为什么退"),
    ],
)
def test_a_reason_that_names_nobody_is_refused_with_an_explanation(reason, told):
    (finding,) = check_return_reason(reason, None)
    assert told in finding.suggestion


@pytest.mark.parametrize(
    ("reason", "unit"),
    [
        ("不是我局职能，道路照明由市路灯管理处负责。", None),
        ("点位在区住建局管养范围，有移交清单为证", None),
        ("油烟执法权在区城管局，见区政府 2024 年 3 号文", None),
        ("该事项不属于我局职责范围", "区城管局"),
    ],
)
def test_a_reason_that_says_who_is_responsible_is_heard(reason, unit):
    assert check_return_reason(reason, unit) == []
