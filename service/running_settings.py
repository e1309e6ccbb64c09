"""Which of the settings an administrator changes while everything runs, and what they mean.

What the environment or `liaotianban.toml` says stands: whoever runs the machines has fixed it there. Secrets and
addresses of machines are not among these.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from service.kept.kind import Contents, Kind, SettingRefused
from service.settings import Settings

RUNNING = "running"
"""The kind's name."""

_TEXT_LIMIT = 60
_FORBIDDEN = "{}【】<>\n\r\t"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: of `service.settings.Settings`.
        unit: behind its number.
        about: what it does, for who changes it.
        choices: of which several may be chosen, with their names; empty where it is no choice.
    """

    name: str
    title: str
    unit: str = ""
    about: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that are changed together."""

    name: str
    title: str
    about: str
    settings: tuple[Setting, ...]


_KINDS = {
    "consultation": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
}

GROUPS = (
    Group(
        "hotline",
        "热线名称和联系方式",
        "市民在网页、微信和短信里看到的名称、电话和地名。",
        (
            Setting(
                "hotline_name", "热线名称", about="网页标题、微信问候语里都用它。短信模板里写了名称的，改了要重新报备。"
            ),
            Setting("hotline_phone", "热线电话", about="请市民拨打的号码。短信模板里写了电话的，改了要重新报备。"),
            Setting("district", "区县", about="问的是别处的政策时，不拿本地的条目回答。"),
            Setting("city", "城市"),
            Setting("contact", "运营单位", about="隐私说明里写的运营单位。"),
            Setting("agent_title", "话务员的称呼", about="市民看到的是“话务员 3 号”这样的称呼。"),
        ),
    ),
    Group(
        "answering",
        "回答的把握",
        "多有把握才直接回答，多有把握才列出来请市民选。",
        (
            Setting(
                "answer_at", "直接回答的把握", about="第一个条目答对的把握不低于它，就直接回答。写 0.9 就是九成把握。"
            ),
            Setting(
                "offer_at",
                "给出选项的把握",
                about="把握不到直接回答、但不低于它，列出最多三个条目请市民选；再低就说没有答案。",
            ),
            Setting("review_ahead_days", "提前多少天提醒复核", "天", "条目到复核日之前，给负责单位派复核任务。"),
        ),
    ),
    Group(
        "tickets",
        "登记诉求",
        "助手帮市民登记时，一定要问到什么。",
        (
            Setting(
                "ticket_without_phone",
                "不留电话也登记的",
                about="别的种类要留电话才登记，单位办的时候要联系得上。没留电话的，市民凭工单编号在原来的对话里看进展。",
                choices=_KINDS,
            ),
        ),
    ),
    Group(
        "attachments",
        "工单附件",
        "市民和单位往工单里加的图片、视频和文件。",
        (
            Setting("attachment_megabytes", "一个图片或文件最大", "MB"),
            Setting("attachment_video_megabytes", "一个视频最大", "MB"),
            Setting("attachment_megapixels", "图片最大像素", "百万像素"),
            Setting("attachments_per_ticket", "一张工单的附件", "个"),
        ),
    ),
    Group(
        "handover",
        "转人工",
        "等多久、怎么算没人应。",
        (
            Setting("handover_promise_minutes", "承诺多久有人工", "分钟", "超过了就道歉，并提醒值班负责人。"),
            Setting("handover_wait_minutes", "最多等多久人工", "分钟", "还没接上，就请市民换一种办法。"),
            Setting("handover_idle_minutes", "市民不说话多久结束人工", "分钟"),
            Setting("handover_talks_per_agent", "一个话务员同时接几个", "个会话", "到了这个数，先结束一个才能再接。"),
        ),
    ),
    Group(
        "limits",
        "次数和限额",
        "防止被人恶意刷，也防止打扰别人的手机。",
        (
            Setting("messages_per_minute", "一个会话每分钟的消息", "条"),
            Setting("sessions_per_minute", "一个地址每分钟的新会话", "个"),
            Setting("codes_per_conversation_day", "一个会话每天的验证码", "个"),
            Setting("codes_per_phone_day", "一个号码每天的验证码", "个"),
            Setting("codes_per_hour", "全部每小时的验证码", "个", "有人拿这里轰炸别人的手机，到这里为止。"),
            Setting("guides_per_phone_day", "一个号码每天的办事指南短信", "条"),
            Setting("sms_quiet_from", "从几点起不发短信", about="能等的短信夜里不发；验证码和紧急的照发。"),
            Setting("sms_quiet_until", "到几点恢复发短信"),
        ),
    ),
    Group(
        "keeping",
        "保存多久",
        "个人信息只保存必要的时间，到期自动清除。",
        (
            Setting("conversation_days", "对话内容保存", "天"),
            Setting("verified_phone_days", "验证过的手机号有效", "天", "到期再验证一次：号码可能已经换了人。"),
            Setting("inbox_days", "已读消息保存", "天"),
            Setting("sms_personal_days", "短信号码和内容保存", "天", "规定至少五个月。"),
        ),
    ),
    Group(
        "console",
        "登录管理台",
        "同事多久不动就退出，多久换一次密码。",
        (
            Setting("console_idle_minutes", "多久不操作就退出", "分钟"),
            Setting("console_session_hours", "一次登录最长", "小时"),
            Setting("second_factor_grace_days", "动态码可以晚几天设", "天", "写 0 就是第一次登录就要设。"),
            Setting("password_days", "密码用多久要换", "天", "写 0 就是不要求。"),
        ),
    ),
)
"""Every setting that can be changed, as the pages show them."""

SETTINGS: Mapping[str, Setting] = {each.name: each for group in GROUPS for each in group.settings}


def _adapter(name: str) -> TypeAdapter[Any]:
    declared = Settings.model_fields[name]
    wanted: Any = declared.annotation
    return TypeAdapter(Annotated[wanted, *declared.metadata] if declared.metadata else wanted)


_ADAPTERS = {name: _adapter(name) for name in SETTINGS}


@dataclass(slots=True)
class RunningSettings:
    """The settings of this process, some of which change while it runs.

    Attributes:
        settings: one object for all who read it, so that a change reaches everybody.
        fixed: what the environment or the file says.
    """

    settings: Settings
    fixed: frozenset[str] = field(init=False)
    kind: Kind = field(init=False)
    _began: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.fixed = frozenset(SETTINGS.keys() & self.settings.model_fields_set)
        self._began = {
            name: _ADAPTERS[name].dump_python(getattr(self.settings, name), mode="json") for name in SETTINGS
        }
        self.kind = Kind(
            name=RUNNING,
            title="系统",
            shipped=lambda: self._began,
            check=self._check,
            called=lambda name: SETTINGS[name].title if name in SETTINGS else name,
            names={value: told for setting in SETTINGS.values() for value, told in setting.choices.items()},
        )

    def where_fixed(self, name: str) -> str:
        """Where somebody has fixed a setting, in Chinese; empty where nobody has."""
        if name not in self.fixed:
            return ""
        variable = f"LTB_{name.upper()}"
        return f"环境变量 {variable}" if variable in os.environ else f"liaotianban.toml 的 {name}"

    def use(self, contents: Contents) -> None:
        """Have these from now on, where nobody has fixed another."""
        for name in SETTINGS.keys() - self.fixed:
            setattr(self.settings, name, _ADAPTERS[name].validate_python(contents[name]))

    def _check(self, before: Contents, after: Contents) -> None:
        for name in after.keys() & SETTINGS.keys():
            if name in self.fixed and before[name] != after[name]:
                message = (
                    f"“{SETTINGS[name].title}”写在{self.where_fixed(name)}里，要在那里改；删掉那一行，就能在这里改。"
                )
                raise SettingRefused(message, name)
            _check_value(name, after[name])
        _check_together(after)


def _check_value(name: str, value: Any) -> None:
    setting = SETTINGS[name]
    try:
        read = _ADAPTERS[name].validate_python(value)
    except ValidationError as error:
        raise SettingRefused(f"“{setting.title}”{_wanted(error)}", name) from error
    if isinstance(read, str):
        if not read.strip() or len(read) > _TEXT_LIMIT:
            raise SettingRefused(f"“{setting.title}”要填，最多 {_TEXT_LIMIT} 个字。", name)
        if bad := [character for character in _FORBIDDEN if character in read]:
            raise SettingRefused(f"“{setting.title}”里不能有 {' '.join(bad).strip() or '换行'}。", name)


_BOUNDS = {
    "greater_than": ("gt", "要大于 {}。"),
    "greater_than_equal": ("ge", "不能小于 {}。"),
    "less_than_equal": ("le", "不能大于 {}。"),
}


def _wanted(error: ValidationError) -> str:
    first = error.errors()[0]
    if bound := _BOUNDS.get(first["type"]):
        return bound[1].format(f"{first['ctx'][bound[0]]:g}")
    if first["type"].startswith("int"):
        return "要是整数。"
    if first["type"].startswith("float"):
        return "要是数字，如 0.9。"
    return "要写成 22:00 这样的时间。" if first["type"].startswith("time") else "写得不对。"


def _check_together(contents: Contents) -> None:
    if contents["offer_at"] > contents["answer_at"]:
        raise SettingRefused("“给出选项的把握”不能高于“直接回答的把握”。", "offer_at")
    if contents["handover_wait_minutes"] < contents["handover_promise_minutes"]:
        raise SettingRefused("“最多等多久人工”不能短于“承诺多久有人工”。", "handover_wait_minutes")
