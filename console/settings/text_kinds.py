"""The texts an administrator edits: what may stand in each, and how it reaches the citizen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.present import show_ticket_news
from actions.reply import Reply, ReplyKind
from actions.wording import DIALOGUE
from channels.sms.parts import parts_of, signed
from channels.sms.templates import SMS_TEXTS, Texts, Wording
from channels.wechat.rendering import as_texts
from channels.wechat.templates import KNOWN, WECHAT_TEMPLATES
from channels.wechat.wording import WECHAT_WORDS
from console.visit import Visit
from handover.wording import HANDOVER_WORDS
from knowledge_base.forbidden import ENTRY_PHRASES
from service.changeable import Changeable
from service.kept.phrases import PHRASES
from service.kept.sentences import names_in
from tickets.announcements import ANNOUNCEMENTS
from tickets.moves import Verb
from tickets.replies.phrases import REPLY_PHRASES

Usable = dict[str, tuple[str, str]]
"""What may stand in the braces of a text: by name, what it is and an example."""

_NAMED: Mapping[str, tuple[str, str]] = {
    "number": ("工单编号", "20261121-00042-0"),
    "unit": ("负责的单位", "示例区城市管理局"),
    "promised": ("答应的日子", "11月27日"),
    "text": ("单位写的答复", "维保公司已更换门机，试运行正常，请您再试用一下。"),
    "reason": ("写明的原因", "要等配件到货。"),
    "route": ("该走的路", "110"),
    "until": ("补充的期限", "2026-11-24 18:00"),
    "position": ("前面还有几位", "前面还有 2 位。"),
    "agent": ("话务员", "话务员 3 号"),
    "phone": ("热线电话", "12345"),
    "promise": ("承诺几分钟有人工", "3"),
    "name": ("热线名称", "示例区12345聊天办"),
    "place": ("发来的位置", "幸福路12号"),
    "at": ("时间", "2026-11-21 10:00"),
    "question": ("问过的问题", "老年卡怎么办理"),
    "matter": ("事项", "老年优待证办理"),
    "hotline": ("热线名称", "示例区12345聊天办"),
    "site": ("网址", "https://12345.example.gov.cn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it reaches the citizen somewhere.

    Attributes:
        where: on which channel.
        buttons: their titles.
        note: what to know about it there.
    """

    where: str
    texts: Sequence[str]
    buttons: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextKind:
    """A kind of settings that is text.

    Attributes:
        name: of the kind.
        usable: what may stand in the braces of a part.
        shown: a part's text, with its examples filled in where there are braces.
        note: what to know before changing them.
    """

    name: str
    title: str
    about: str
    icon: str
    usable: Callable[[Changeable, str], Usable]
    shown: Callable[[Visit, str, str], Iterator[Shown]]
    note: str = ""


def as_text(content: Any) -> str:
    """A content as it is edited: phrases a line each."""
    if isinstance(content, Mapping):
        return "\n".join(f"{phrase}：{advice}" for phrase, advice in content.items())
    return str(content)


def as_content(kind: TextKind, part: str, text: str) -> Any:
    """What was typed, as it is kept."""
    if part != PHRASES or kind.name not in (ENTRY_PHRASES.name, REPLY_PHRASES.name):
        return text
    lines = (line.replace(":", "：", 1).partition("：") for line in text.splitlines() if line.strip())
    return {phrase.strip(): advice.strip() for phrase, _, advice in lines}


def with_examples(kind: TextKind, text: str, usable: Usable) -> str:
    """A text with examples for its variables; a template message fills its own."""
    if not usable or kind.name == WECHAT_TEMPLATES:
        return text
    return text.format_map({name: example for name, (_, example) in usable.items()})


def _braced(kind: str, *also: str) -> Callable[[Changeable, str], Usable]:
    """What the product's own sentence has, and what is known in every one of them."""

    def usable(changeable: Changeable, part: str) -> Usable:
        names = names_in(changeable.stores[kind].kind.shipped()[part]) | set(also)
        return _named(changeable, sorted(names))

    return usable


def _named(changeable: Changeable, names: Sequence[str]) -> Usable:
    settings = changeable.running.settings
    own = {
        "phone": settings.hotline_phone,
        "name": settings.hotline_name,
        "hotline": settings.hotline_name,
        "promise": str(settings.handover_promise_minutes),
        "agent": f"{settings.agent_title} 3 号",
        "site": settings.public_url.rstrip("/"),
    }
    return {name: (_NAMED[name][0], own.get(name) or _NAMED[name][1]) for name in names}


def _announcement(visit: Visit, part: str, text: str) -> Iterator[Shown]:
    reply = show_ticket_news(_NAMED["number"][1], Verb(part), text)
    yield from _in_chat(visit, reply)


def _said(kind: ReplyKind) -> Callable[[Visit, str, str], Iterator[Shown]]:
    def shown(visit: Visit, _part: str, text: str) -> Iterator[Shown]:
        yield from _in_chat(visit, Reply(kind, text).as_dict())

    return shown


def _in_chat(visit: Visit, reply: dict[str, Any]) -> Iterator[Shown]:
    yield Shown("网页对话里", [reply["text"]], [button["title"] for button in reply["buttons"]])
    yield Shown("微信里", as_texts(reply, visit.site))


def _on_wechat(_visit: Visit, _part: str, text: str) -> Iterator[Shown]:
    yield Shown("微信里", [text])


def _wechat_template(visit: Visit, part: str, text: str) -> Iterator[Shown]:
    templates = visit.office.changeable.wechat_templates
    lines = templates.with_words({part: text}).purposes[part.partition(".")[0]].lines(KNOWN)
    yield Shown("微信模板消息", ["\n".join(f"{field}：{value}" for field, value in lines.items())])


def _template_names(_changeable: Changeable, _part: str) -> Usable:
    return {name: (_NAMED[name][0], str(value)) for name, value in KNOWN.items()}


def _sms_names(changeable: Changeable, part: str) -> Usable:
    texts = changeable.sms_texts
    named = [name for name in texts.usable(part) if name in texts.variables]
    variables = {name: (texts.variables[name].label, texts.variables[name].example) for name in named}
    return variables | _named(changeable, [name for name in texts.usable(part) if name not in named])


def _sms(visit: Visit, _part: str, text: str) -> Iterator[Shown]:
    sign = visit.office.settings.hotline_name
    parts = parts_of(sign, text)
    length = len(signed(sign, text))
    note = f"连签名 {length} 字，按 {parts} 条收费。" + ("超过 70 字就要多收一条，能短就短些。" if parts > 1 else "")
    yield Shown("短信里", [signed(sign, text)], note=note)


def applied_for(texts: Texts, part: str, text: str) -> list[Shown]:
    """How the same words are written when one applies for them at the gateways."""
    wording = Wording(part, texts.with_constants(text))
    return [Shown("去阿里云报备", [wording.for_aliyun()]), Shown("去腾讯云报备", [wording.for_tencent()])]


def _no_names(_changeable: Changeable, _part: str) -> Usable:
    return {}


def _nowhere(_visit: Visit, _part: str, _text: str) -> Iterator[Shown]:
    yield from ()


_PHRASES_NOTE = "一行一个，写成“说法：该怎么写”。"

TEXT_KINDS = (
    TextKind(
        DIALOGUE.name,
        "助手的话",
        "打招呼、没有答案、登记前请市民同意这些话。",
        "chat",
        _no_names,
        _said(ReplyKind.NOTICE),
    ),
    TextKind(
        ANNOUNCEMENTS.name,
        "工单通知",
        "工单走到每一步，网页和微信里怎么告诉市民。",
        "ticket",
        _braced(ANNOUNCEMENTS.name, "number", "promised", "unit"),
        _announcement,
        "短信和微信模板消息另有文案：短信里不能写答复的内容。",
    ),
    TextKind(
        HANDOVER_WORDS.name,
        "转人工的话",
        "排队、接通、没人应、结束时说什么。",
        "people",
        _braced(HANDOVER_WORDS.name, "phone", "promise"),
        _said(ReplyKind.HANDOVER),
    ),
    TextKind(
        SMS_TEXTS,
        "短信文案",
        "每一种短信怎么写，多少字、收几条的钱。",
        "phone",
        _sms_names,
        _sms,
        "先到短信平台用同样的话报备，通过以后再在这里改，并请安装的人换上新的模板编号；不然平台发的还是老的。",
    ),
    TextKind(
        WECHAT_WORDS,
        "公众号的话",
        "公众号的问候，收到语音、图片、位置时说什么。",
        "chat",
        _braced(WECHAT_WORDS, "name", "phone"),
        _on_wechat,
    ),
    TextKind(
        WECHAT_TEMPLATES,
        "微信模板消息",
        "模板消息和订阅通知的每个字段写什么。",
        "bell",
        _template_names,
        _wechat_template,
        "一行写一种说法，排在前面的先用；缺了内容的跳过。字段有字数限制，放不下会告诉您。",
    ),
    TextKind(
        ENTRY_PHRASES.name,
        "知识条目里不要写的",
        "检查知识库时要挑出来的空话。",
        "book",
        _no_names,
        _nowhere,
        _PHRASES_NOTE,
    ),
    TextKind(
        REPLY_PHRASES.name, "答复里不要写的", "单位写答复时要提醒的空话。", "edit", _no_names, _nowhere, _PHRASES_NOTE
    ),
)
"""In the order of the overview."""
