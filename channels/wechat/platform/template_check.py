"""Whether the templates in the settings are the account's, with the fields we fill."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from channels.outcomes import SendRefused, SendUnknown
from channels.wechat.platform.calls import Calls
from channels.wechat.templates import OWN, Template, Templates
from service.finding import Finding
from service.settings import Settings

_KEY = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


@dataclass(frozen=True, slots=True)
class Way:
    """Template messages, or subscription messages.

    Attributes:
        setting: where the ids are set.
        path: the interface that lists the account's templates …
        listed: … in this field …
        id: … each with its id in this one.
    """

    subject: str
    setting: str
    path: str
    listed: str
    id: str
    ids: Callable[[Settings], Mapping[str, str]]
    fields: Callable[[Template], Mapping[str, str]]


TEMPLATE_MESSAGES = Way(
    "微信模板消息",
    "LTB_WECHAT_TEMPLATES",
    "/cgi-bin/template/get_all_private_template",
    "template_list",
    "template_id",
    lambda settings: settings.wechat_templates,
    lambda template: template.fields,
)
SUBSCRIPTIONS = Way(
    "微信订阅通知",
    "LTB_WECHAT_SUBSCRIPTIONS",
    "/wxaapi/newtmpl/gettemplate",
    "data",
    "priTmplId",
    lambda settings: settings.wechat_subscriptions,
    lambda template: template.subscription_fields,
)


async def check_templates(way: Way, settings: Settings, ours: Templates, calls: Calls) -> Finding:
    """Compare what is set with what the account has."""
    ids = way.ids(settings)
    if not ids:
        told = f"没有设置 {way.setting}，不启用；48 小时没有来信的人改用别的方式通知。"
        return Finding(way.subject, True, told)
    if unknown := [name for name in ids if name not in ours.templates]:
        told = f"{way.setting} 里的“{unknown[0]}”不是模板的名称，可以写：{'、'.join(ours.templates)}。"
        return Finding(way.subject, False, told)
    try:
        answer = await calls.ask(way.path)
    except (SendRefused, SendUnknown) as error:
        return Finding(way.subject, False, f"查不到公众号的模板：{error.reason}")
    contents = {str(each.get(way.id)): str(each.get("content", "")) for each in answer.get(way.listed) or ()}
    wrong = [told for name in ids for told in _wrong(way, ours.templates[name], ids[name], contents)]
    if wrong:
        return Finding(way.subject, False, "".join(wrong))
    without = [name for name in ours.templates if not ids.get(name)]
    more = f"还没有设置：{'、'.join(without)}。" if without else ""
    return Finding(way.subject, True, f"{len(ids)} 个模板都在公众号里，字段也对得上。{more}")


def _wrong(way: Way, template: Template, id_: str, contents: Mapping[str, str]) -> Iterator[str]:
    if id_ not in contents:
        yield f"公众号里没有 {template.name} 的模板 {id_}，请到公众平台“我的模板”里复制“{template.title}”的模板 ID。"
        return
    theirs, ours = set(_KEY.findall(contents[id_])), set(way.fields(template).values())
    if theirs != ours:
        told = f"公众号的是 {'、'.join(sorted(theirs))}，这里写的是 {'、'.join(sorted(ours))}"
        yield f"{template.name} 的字段对不上：{told}，请改 {OWN}。"
