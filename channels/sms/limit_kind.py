"""How many messages a number gets, as a kind of settings: a part for ours, and one for each gateway's own limits."""

from collections.abc import Mapping

from pydantic import ValidationError

from channels.sms.limits import EVERYWHERE, Limits, LimitsRefused, read_limits
from service.kept.kind import Contents, Kind
from service.own_file import told_places

SMS_LIMITS = "sms_limits"
"""The kind's name."""

SCOPES: Mapping[str, str] = {EVERYWHERE: "不管走哪个平台", "aliyun": "阿里云", "tencent": "腾讯云", "http": "自建平台"}
"""The parts, as staff call them."""

CODE = "code"
MOST_LIMITS = 20
MOST = 10_000
_NAMES = {"what": "数什么", "only": "只管", "most": "最多几条", "per": "多长时间"}


def limit_kind(shipped: Limits) -> Kind:
    """The kind over the limits of the installation's file, or the product's."""
    parts = {
        scope: [limit.model_dump(mode="json") for limit in shipped.by_gateway.get(scope, ())]
        for scope in dict.fromkeys((*SCOPES, *shipped.by_gateway))
    }
    return Kind(
        SMS_LIMITS,
        "短信限额",
        lambda: parts,
        _check,
        refused=LimitsRefused,
        called=lambda part: SCOPES.get(part, part),
        names=_NAMES,
    )


def _check(_before: Contents, after: Contents) -> None:
    for scope, limits in after.items():
        called = SCOPES.get(scope, scope)
        try:
            read = read_limits({scope: limits})[scope]
        except ValidationError as error:
            raise LimitsRefused(f"“{called}”里有写得不对的：{told_places(error)}") from error
        if len(read) > MOST_LIMITS:
            raise LimitsRefused(f"“{called}”最多写 {MOST_LIMITS} 条限额。")
        if any(limit.most > MOST for limit in read):
            raise LimitsRefused(f"“最多几条”最大写 {MOST}。")
    if not any(limit.only == CODE for limit in read_limits(after)[EVERYWHERE]):
        message = "“不管走哪个平台”里至少要有一条只管验证码的限额：不然有人会拿验证码短信轰炸别人的手机。"
        raise LimitsRefused(message)
