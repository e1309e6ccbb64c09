"""What the gateways push, read strictly: each gateway's reports and replies as ours, and what it wants to hear back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from channels.sms.gateways import aliyun, tencent
from channels.sms.gateways.gateway import Gateway, Reply, Report
from channels.sms.gateways.generic_http import GenericHttp, read
from channels.sms.numbers import NotMobile, mobile
from service.clock import CHINA

TEXT_LIMIT = 1000
"""Characters of a reply; more than phones join."""

_AT_ONCE = 1000


class Malformed(Exception):
    """Nothing in it can be read."""


def _plain(value: Any) -> Any:
    """Text without what no database takes: NUL, lone surrogates, control characters."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return "".join(each for each in text if each.isprintable() or each == "\n") if isinstance(text, str) else text


def _number(value: Any) -> Any:
    try:
        return mobile(value) if isinstance(value, str) and len(value) <= 20 else value
    except NotMobile as error:
        raise ValueError("no mobile number") from error


_Phone = Annotated[str, BeforeValidator(_number), Field(pattern=r"^\+861\d{10}$")]
_Id = Annotated[str, BeforeValidator(_plain), Field(pattern=r"^[\x21-\x7e]{1,100}$")]
_Code = Annotated[str, BeforeValidator(lambda value: _plain(value)[:100] if isinstance(value, str) else value)]
_Words = Annotated[str, BeforeValidator(_plain), Field(max_length=10_000)]
_Reference = Annotated[str, BeforeValidator(_plain), Field(max_length=256)] | None


class _Pushed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _AliyunReport(_Pushed):
    phone_number: _Phone
    success: bool
    err_code: _Code = ""
    biz_id: _Id
    out_id: _Reference = None
    sms_size: Annotated[int, Field(ge=1, le=20)] | None = None
    report_time: str = ""


class _AliyunReply(_Pushed):
    phone_number: _Phone
    content: _Words
    send_time: str = ""
    sequence_id: _Id


class _TencentReport(_Pushed):
    mobile: _Phone
    report_status: Annotated[str, Field(pattern="^(SUCCESS|FAIL)$")]
    errmsg: _Code = ""
    sid: _Id
    user_receive_time: str = ""


class _TencentReply(_Pushed):
    mobile: _Phone
    text: _Words
    time: Annotated[int, Field(ge=0, le=4_102_444_800)]


@dataclass(frozen=True, slots=True)
class Pushes:
    """How one gateway pushes.

    Attributes:
        reports, replies: read what was pushed; raise Malformed where nothing in it can be read.
        acknowledged: what it is answered when all is kept (JSON).
    """

    reports: Callable[[Any, datetime], list[Report]]
    replies: Callable[[Any, datetime], list[Reply]]
    acknowledged: str


def pushes_of(gateway: Gateway) -> Pushes | None:
    """How a gateway pushes; None for one that does not."""
    if isinstance(gateway, GenericHttp):
        reader = _Generic(gateway)
        return Pushes(reader.reports, reader.replies, gateway.how.acknowledged)
    return _CLOUDS.get(gateway.name)


def _each(pushed: Any, read_one: Callable[[Any], Any]) -> list[Any]:
    """What can be read of a push; one that cannot be holds up no other, as the gateway would push all again.

    Raises:
        Malformed: nothing can.
    """
    items = pushed if isinstance(pushed, list) else [pushed]
    taken = []
    for item in items[:_AT_ONCE]:
        try:
            taken.append(read_one(item))
        except (ValidationError, Malformed):
            continue
    if not taken:
        raise Malformed
    return taken


def _aliyun_reports(pushed: Any, at: datetime) -> list[Report]:
    def one(item: Any) -> Report:
        said = _AliyunReport.model_validate(item)
        when = _china_time(said.report_time, at)
        return Report(said.biz_id, said.phone_number, said.success, said.err_code, when, said.out_id, said.sms_size)

    return _each(pushed, one)


def _aliyun_replies(pushed: Any, at: datetime) -> list[Reply]:
    def one(item: Any) -> Reply:
        said = _AliyunReply.model_validate(item)
        when = _china_time(said.send_time, at)
        return Reply(said.phone_number, said.content[:TEXT_LIMIT], when, f"{said.sequence_id} {said.phone_number}")

    return _each(pushed, one)


def _tencent_reports(pushed: Any, at: datetime) -> list[Report]:
    def one(item: Any) -> Report:
        said = _TencentReport.model_validate(item)
        when = _china_time(said.user_receive_time, at)
        return Report(said.sid, said.mobile, said.report_status == "SUCCESS", said.errmsg, when)

    return _each(pushed, one)


def _tencent_replies(pushed: Any, at: datetime) -> list[Reply]:
    def one(item: Any) -> Reply:
        said = _TencentReply.model_validate(item)
        identity = f"{said.mobile} {said.time} {said.text}"  # Tencent numbers no replies
        return Reply(said.mobile, said.text[:TEXT_LIMIT], datetime.fromtimestamp(said.time, UTC), identity)

    return _each(pushed, one)


class _GenericReport(_Pushed):
    phone: _Phone
    provider_id: _Id
    state: _Words


class _GenericReply(_Pushed):
    phone: _Phone
    text: _Words
    id: _Words


@dataclass(frozen=True, slots=True)
class _Generic:
    """What a gateway of plain HTTP pushes, read as its settings say."""

    gateway: GenericHttp

    def reports(self, pushed: Any, at: datetime) -> list[Report]:
        how = self.gateway.how

        def one(item: Any) -> Report:
            said = _GenericReport(
                phone=read(item, how.report_phone) or "",
                provider_id=read(item, how.report_id) or "",
                state=read(item, how.report_state) or "",
            )
            return Report(said.provider_id, said.phone, self.gateway.arrived(said.state), said.state[:100], at)

        return _each(_list_at(pushed, how.report_list), one)

    def replies(self, pushed: Any, at: datetime) -> list[Reply]:
        how = self.gateway.how

        def one(item: Any) -> Reply:
            text = read(item, how.reply_text)
            if text is None:
                raise Malformed
            identity = (read(item, how.reply_id) if how.reply_id else None) or f"{at:%Y%m%d%H} {text}"
            said = _GenericReply(phone=read(item, how.reply_phone) or "", text=text, id=identity)
            return Reply(said.phone, said.text[:TEXT_LIMIT], at, f"{said.phone} {said.id}")

        return _each(_list_at(pushed, how.reply_list), one)


def _list_at(pushed: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        pushed = pushed.get(step) if isinstance(pushed, dict) else None
    return pushed


def _china_time(text: str, otherwise: datetime) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return otherwise


_CLOUDS = {
    aliyun.NAME: Pushes(_aliyun_reports, _aliyun_replies, '{"code": 0, "msg": "接收成功"}'),
    tencent.NAME: Pushes(_tencent_reports, _tencent_replies, '{"result": 0, "errmsg": "OK"}'),
}
