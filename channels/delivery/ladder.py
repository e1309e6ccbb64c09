"""Which ways a notice takes, in which order: `ladders.yml`, or the installation's own file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from service.misconfigured import Misconfigured
from service.own_file import read_own

SHIPPED = Path(__file__).with_name("ladders.yml")
"""The ladders the product brings."""

RungName = Literal["widget", "wechat_message", "wechat_template", "wechat_subscription", "sms"]

RUNG_LABELS = {
    "widget": "网页",
    "wechat_message": "微信客服消息",
    "wechat_template": "微信模板消息",
    "wechat_subscription": "微信订阅通知",
    "sms": "短信",
}
"""The ways as staff call them."""

_Minutes = Annotated[float, Field(gt=0, le=60 * 24 * 30)]


class LaddersRefused(Misconfigured):
    """The file of ladders cannot be used; the message says why, in Chinese."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Temper(_Strict):
    """How one way is treated.

    Attributes:
        patience_minutes: how long it may be out of order before the next way is used.
        per_second: notices that may go while what has waited is caught up with.
    """

    patience_minutes: _Minutes
    per_second: Annotated[float, Field(gt=0, le=10_000)]


class _Step(_Strict):
    rung: RungName
    receipt_minutes: _Minutes | None = None


class _Ladder(_Strict):
    name: str = ""  # for staff
    kinds: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    steps: tuple[_Step, ...]
    opt_out: bool = False
    staff: bool = True

    @field_validator("steps", mode="before")
    @classmethod
    def _plain_names(cls, steps: Any) -> Any:
        return [{"rung": step} if isinstance(step, str) else step for step in steps] if steps else ()

    @field_validator("steps")
    @classmethod
    def _each_once(cls, steps: tuple[_Step, ...]) -> tuple[_Step, ...]:
        names = [step.rung for step in steps]
        if len(set(names)) < len(names):
            message = "同一种方式写了两次"
            raise ValueError(message)
        return steps

    def fits(self, kind: str, verb: str, channel: str) -> bool:
        """Whether it is meant for such a notice."""
        wanted = ((self.kinds, kind), (self.verbs, verb), (self.channels, channel))
        return all(not named or value in named for named, value in wanted)


class _File(_Strict):
    rungs: Mapping[RungName, Temper]
    ladders: tuple[_Ladder, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One way of a ladder.

    Attributes:
        receipt: how long its receipt is waited for before the next way is used as well; None: it is enough that the
            service took it.
        patience: how long it may be out of order before the next way is used instead.
    """

    rung: str
    receipt: timedelta | None
    patience: timedelta
    per_second: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """The ways of one notice.

    Attributes:
        opt_out: whether one who wants no messages is spared it.
        staff: whether somebody of the hotline is to call where every way has failed.
    """

    steps: Sequence[Step]
    opt_out: bool = False
    staff: bool = True


@dataclass(slots=True)
class Ladders:
    """Finds the ladder of a notice; the one of a process follows what is set.

    Attributes:
        content: as the file has it, or as it is set: `rungs` and `ladders`.
    """

    content: Mapping[str, Any]
    file: _File = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.content)

    @classmethod
    def load(cls, own: Path | None = None) -> "Ladders":
        """The installation's own ladders if it has a file of them, else those the product brings.

        Raises:
            LaddersRefused: see there.
        """
        content = read_own(own, SHIPPED, LaddersRefused)
        if not isinstance(content, Mapping):
            raise LaddersRefused("通知方式应是“rungs: … ladders: …”这样的两段，不能是空的。")
        return cls(content)

    def use(self, content: Mapping[str, Any]) -> None:
        """Have these from now on.

        Raises:
            LaddersRefused: they cannot be used.
        """
        try:
            self.file = _File.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise LaddersRefused(f"通知方式里 {where} 这一项不对：{first['msg']}") from error
        self.content = content

    def of(self, kind: str, verb: str, channel: str) -> Ladder:
        """The first ladder that is meant for such a notice; an empty one if none is."""
        chosen = next((each for each in self.file.ladders if each.fits(kind, verb, channel)), None)
        if chosen is None:
            return Ladder(())
        steps = [self._step(step) for step in chosen.steps if step.rung in self.file.rungs]
        return Ladder(steps, chosen.opt_out, chosen.staff)

    def to_number(self) -> Ladder:
        """The ladder of a notice that staff send to another number: by SMS alone, whatever its own ways are."""
        return Ladder([self._step(_Step(rung="sms"))] if "sms" in self.file.rungs else ())

    def _step(self, step: _Step) -> Step:
        temper = self.file.rungs[step.rung]
        receipt = None if step.receipt_minutes is None else timedelta(minutes=step.receipt_minutes)
        return Step(step.rung, receipt, timedelta(minutes=temper.patience_minutes), temper.per_second)
