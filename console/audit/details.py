"""What else is known of a deed, in words."""

from collections.abc import Mapping

from service.audit import Recorded
from service.identity.roles import Role

_ROLES = {role.value: role.label for role in Role}
_WORDS = {
    "address": "从",
    "browser": "用",
    "before": "原来",
    "after": "现在",
    "called": "称呼先后是",
    "version": "版本",
    "lines": "行数",
    "roles": "角色",
    "units": "单位",
    "personal": "完整信息",
    "tickets": "工单",
    "file": "附件号",
    "notice": "通知",
    "what": "做了",
    # what a list of tickets was narrowed to
    "states": "状态",
    "is_open": "没办完",
    "involved": "参与单位",
    "handler": "经办人",
    "kind": "类型",
    "category": "分类",
    "urgency": "紧急程度",
    "channel": "来源",
    "street": "街道",
    "returned": "退回过",
    "step_from": "环节时限从",
    "step_before": "环节时限到",
    "promised_before": "承诺时间到",
    "created_from": "登记从",
    "created_before": "登记到",
}


def shown_details(done: Recorded) -> str:
    """The details of a deed, as staff read them."""
    return _told(done.details)


def _told(details: Mapping[str, object]) -> str:
    return "，".join(f"{_WORDS.get(name, name)} {_shown(value)}" for name, value in details.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_ROLES.get(each, str(each)) for each in value) or "无"
    if isinstance(value, Mapping):
        return f"（{_told(value) or '全部'}）"
    return str(value)
