"""Codes as the dialogue speaks of them: one is sent, one comes back, and what to say to either."""

import re
import unicodedata
from datetime import timedelta
from typing import Any

from actions.services import services
from service.identity.codes import Checked
from service.identity.verification import Sending
from service.privacy import mask_personal_data
from tickets.intake.phone import display_phone, is_mobile

_CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-,，、.]+(?=\d)")


async def send_code(conversation: str, phone: str) -> dict[str, Any]:
    """Send a code; the slots that tell what became of it. The words never depend on whether the number is known."""
    if not is_mobile(phone):
        text = "座机收不到短信，请输入手机号。登记时只留了座机的话，请拨打12345，工作人员帮您查。"
        return {"verify_phone": None, "verify_notice": text}
    outcome, after = await services().verification.send(conversation, phone)
    shown = mask_personal_data(display_phone(phone))
    texts = {
        Sending.SENT: f"验证码已发到 {shown}，5 分钟内有效。收到后把 6 位数字发给我。",
        Sending.PERHAPS: f"验证码正在发往 {shown}，收到后把 6 位数字发给我；一分钟还没收到，就点“重新发送”。",
        Sending.TOO_SOON: f"{shown} 刚发过一条，请过 {_seconds(after)} 再要新的。已经收到的，直接把 6 位数字发给我。",
        Sending.TOO_MANY: "今天的验证码发得太多了，为了保护号码的主人，请明天再试。着急请拨打12345，工作人员帮您查。",
        Sending.LATER: f"这个号码刚才收的短信够多了，请过 {_seconds(after)} 再试；着急请拨打12345，工作人员帮您查。",
        Sending.NOT_NOW: "短信暂时发不出去，是我们这边的问题。请过几分钟再试；着急的话请拨打12345，工作人员帮您查。",
        Sending.UNREACHABLE: f"短信发不到 {shown}，请核对一下号码，或者换一个。也可以拨打12345，工作人员帮您查。",
    }
    waits = outcome in (Sending.SENT, Sending.PERHAPS, Sending.TOO_SOON)
    ended = outcome in (Sending.TOO_MANY, Sending.LATER, Sending.NOT_NOW)
    return {"verify_phone": phone if waits else None, "verify_notice": texts[outcome]} | ({"ended": 1} if ended else {})


async def check_code(conversation: str, phone: str, code: str) -> dict[str, Any]:
    """Try the code that came back; the slots that tell what became of it."""
    checked = await services().verification.citizens.check_code(conversation, phone, code)
    texts = {
        Checked.WRONG: "验证码不对，请再看一眼短信，把最新的 6 位数字发给我。",
        Checked.SPENT: "试错的次数太多，这个验证码作废了。点“重新发送”再要一个，或者拨打12345，工作人员帮您查。",
        Checked.EXPIRED: "这个验证码已经过期（5 分钟内有效）。点“重新发送”，我再发一个。",
    }
    return {"verify_code": True} if checked is Checked.RIGHT else {"verify_notice": texts[checked]}


def code_in(text: str) -> str | None:
    """Six digits, however they are written or spoken."""
    plain = unicodedata.normalize("NFKC", text).translate(_CHINESE_DIGITS)
    found = _CODE.search(_BETWEEN_DIGITS.sub("", plain))
    return found.group() if found else None


def _seconds(after: timedelta | None) -> str:
    seconds = int(after.total_seconds()) if after else 60
    return f"{seconds} 秒" if seconds <= 90 else f"{-(-seconds // 60)} 分钟"
