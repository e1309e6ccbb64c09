"""Whether SMS are set up to work: asked of the gateways themselves, without sending anything."""

from urllib.parse import urlsplit

from aiohttp import ClientSession

from channels.outcomes import SendRefused, SendUnknown
from channels.sms.gateways.aliyun import Aliyun
from channels.sms.gateways.exchange import Call, call
from channels.sms.gateways.gateway import Gateway
from channels.sms.gateways.generic_http import GenericHttp
from channels.sms.gateways.tencent import Tencent
from channels.sms.limits import Limits
from channels.sms.misconfigured import SmsMisconfigured
from channels.sms.opening import gateways
from channels.sms.templates import Texts, Wording
from service.clock import Clock, now
from service.finding import Finding
from service.settings import Settings

_APPROVED = {"aliyun": "1", "tencent": "0"}
_SHOWN = 5


async def examine_sms(settings: Settings, clock: Clock = now) -> list[Finding]:
    """Look at texts, gateways, sign names, templates and callbacks."""
    if not settings.sms_gateways:
        return [Finding("短信", True, "没有设置（LTB_SMS_GATEWAYS），不发短信。怎么开通见 docs/sms.md。")]
    try:
        texts = Texts.load(settings)
        Limits.load(settings)
        async with ClientSession() as session:
            opened = gateways(settings, session, clock)
            found = [await _gateway(gateway, texts) for gateway in opened]
    except SmsMisconfigured as wrong:
        return [Finding("短信", False, str(wrong))]
    return [*found, _callbacks(settings)]


async def _gateway(gateway: Gateway, texts: Texts) -> Finding:
    subject = f"短信 {gateway.name}"
    try:
        problems = await _problems(gateway, texts)
    except (SendRefused, SendUnknown) as error:
        return Finding(subject, False, error.reason)
    if problems:
        more = f"等 {len(problems)} 处" if len(problems) > _SHOWN else ""
        return Finding(subject, False, "；".join(problems[:_SHOWN]) + more)
    return Finding(subject, True, f"能用，签名【{gateway.sign}】。")


async def _problems(gateway: Gateway, texts: Texts) -> list[str]:
    if isinstance(gateway, Aliyun):
        return missing(gateway, texts) or await _aliyun(gateway, texts)
    if isinstance(gateway, Tencent):
        return missing(gateway, texts) or await _tencent(gateway, texts)
    if isinstance(gateway, GenericHttp):
        await _reachable(gateway)
    return missing(gateway, texts)


def missing(gateway: Gateway, texts: Texts) -> list[str]:
    """The purposes no text of which has a template at a gateway, and values it has no room for."""
    found = []
    for name in texts.purposes:
        wordings = [each for each in texts.wordings(name) if each.complete and gateway.template(each.key)]
        if not wordings:
            found.append(f"{name} 没有模板编号，请申请后写进设置（文案见 liaotianban sms templates）")
        elif not any(_has_room(gateway, texts, each) for each in wordings):
            most = gateway.variable_length
            found.append(f"{name} 的变量超过这个账号的 {most} 个字，请改用它的简短文案 {name}_brief")
    return found


def _has_room(gateway: Gateway, texts: Texts, wording: Wording) -> bool:
    return all(len(texts.variables[name].example) <= gateway.variable_length for name in wording.variables)


async def _aliyun(gateway: Aliyun, texts: Texts) -> list[str]:
    sign = await gateway.request("GetSmsSign", SignName=gateway.sign)
    problems = []
    if str(sign.get("SignStatus")) != _APPROVED["aliyun"]:
        problems.append(f"签名【{gateway.sign}】还没有通过审核")
    for wording in _used(gateway, texts):
        known = gateway.templates[wording.key]
        try:
            told = await gateway.request("GetSmsTemplate", TemplateCode=known)
        except SendRefused as refused:
            problems.append(f"模板 {known}（{wording.key}）：{refused.reason}")
            continue
        approved = str(told.get("TemplateStatus")) == _APPROVED["aliyun"]
        problems += _compared(known, wording.key, approved, told.get("TemplateContent"), wording.for_aliyun())
    return problems


async def _tencent(gateway: Tencent, texts: Texts) -> list[str]:
    signs = await gateway.request("DescribeSmsSignList", {"International": 0, "Limit": 100, "Offset": 0})
    listed = signs.get("DescribeSignListStatusSet") or []
    approved = [each.get("SignName") for each in listed if str(each.get("StatusCode")) == _APPROVED["tencent"]]
    problems = [] if gateway.sign in approved else [f"签名【{gateway.sign}】没有或者还没有通过审核"]
    used = _used(gateway, texts)
    asked = [gateway.templates[wording.key] for wording in used]
    if wrong := [known for known in asked if not known.isdigit()]:
        return [*problems, f"腾讯云的模板编号是数字，{wrong[0]} 不是"]
    told = await gateway.request(
        "DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": [int(known) for known in asked]}
    )
    found = {str(each.get("TemplateId")): each for each in told.get("DescribeTemplateStatusSet") or []}
    for wording in used:
        known = gateway.templates[wording.key]
        state = found.get(known, {})
        fine = str(state.get("StatusCode")) == _APPROVED["tencent"]
        problems += _compared(known, wording.key, fine, state.get("TemplateContent"), wording.for_tencent())
    return problems


def _used(gateway: Aliyun | Tencent, texts: Texts) -> list[Wording]:
    wordings = [wording for name in texts.purposes for wording in texts.wordings(name)]
    return [wording for wording in wordings if wording.key in gateway.templates]


def _compared(known: str, key: str, approved: bool, content: object, ours: str) -> list[str]:
    if not approved:
        return [f"模板 {known}（{key}）没有或者还没有通过审核"]
    if isinstance(content, str) and content.strip() != ours:
        return [f"模板 {known} 和文案 {key} 不一样，请改成一致，否则变量会放错地方"]
    return []


async def _reachable(gateway: GenericHttp) -> None:
    """Connect to the gateway without asking it anything that could send.

    Raises:
        SendRefused: no connection came about.
    """
    address = urlsplit(gateway.how.url)
    try:
        await call(gateway.session, gateway.name, Call("HEAD", f"{address.scheme}://{address.netloc}/", {}))
    except SendUnknown:
        return  # it answered something, and that is all there is to see
    except SendRefused as refused:
        if refused.code == "no_connection":
            raise


def _callbacks(settings: Settings) -> Finding:
    subject = "短信回执"
    if not settings.sms_callback_secret:
        message = "没有设置 LTB_SMS_CALLBACK_SECRET，收不到送达回执和市民的回复；送达情况会定时去平台查。"
        return Finding(subject, True, message)
    site = settings.public_url.rstrip("/") or "https://您的域名"
    first = settings.sms_gateways[0]
    message = f"在平台控制台填 {site}/sms/（密钥）/{first}/report 和 …/reply。"
    if open_ := [name for name in settings.sms_gateways if _pushes_from_anywhere(settings, name)]:
        message += (
            f"{'、'.join(open_)} 没有限定从哪些地址推送：问平台要它的出口地址，写进 LTB_SMS_CALLBACK_NETWORKS 更稳妥。"
        )
    return Finding(subject, True, message)


def _pushes_from_anywhere(settings: Settings, gateway: str) -> bool:
    return gateway != "console" and gateway not in settings.sms_callback_networks
