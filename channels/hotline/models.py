"""What the hotline's desk asks and is answered, as data."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from channels.api.fields import Given, Taken, Text

Slug = Annotated[Text, Field(min_length=1, max_length=100)]


class Question(Taken):
    """What a caller said, and what was spoken of before."""

    text: Annotated[Text, Field(min_length=1, max_length=1000)] = Field(description="来电人说的话，一句或一段")
    call: Annotated[Text, Field(max_length=100)] = Field(
        "", description="这一通电话的编号，同一通电话写同一个；不要写电话号码"
    )
    about: Slug | None = Field(None, description="上一次回答里的 entry.slug：追问“那要带什么材料”时用")
    choices: Annotated[tuple[Slug, ...], Field(max_length=3)] = Field(
        (), description="上一次回答里的 choices 的 slug：来电人说“第二个”时用"
    )


class Outcome(StrEnum):
    """What became of a question."""

    ANSWER = "answer"
    CHOICES = "choices"
    NO_ANSWER = "no_answer"
    EMERGENCY = "emergency"
    HANDOVER = "handover"
    UNCLEAR = "unclear"


class EntryTold(Given):
    """The entry behind an answer."""

    slug: str
    title: str
    version: int
    facet: str | None = Field(description="说的是哪一项：材料、费用……；空为整件事")
    unit: str = Field(description="发布单位")


class ChoiceTold(Given):
    """Something to choose from."""

    slug: str
    title: str
    speech: str = Field(description="念给来电人听的一句")


class SmsOffer(Given):
    """A guide that can be sent to the caller's phone."""

    available: bool
    text: str = Field(description="短信的内容，发之前可以给坐席看；不能发时为空")
    parts: int = Field(description="按几条短信计费")


class Handover(Given):
    """Whether a person should take over, and who."""

    advised: bool
    reason: str = Field(description="emergency、asked、request、no_answer、unclear，或空")
    numbers: list[str] = Field(description="紧急时马上转接的号码，最要紧的在前")


class Spoken(Given):
    """What to say to a caller, and what may follow."""

    decision: Outcome
    speech: str = Field(description="直接念出来的话：没有网址、列表和数字写法")
    entry: EntryTold | None
    choices: Annotated[list[ChoiceTold], Field(max_length=3)]
    sms_offer: SmsOffer
    handover: Handover


class GuideOrder(Taken):
    """A guide to be sent."""

    entry: Slug = Field(description="条目的 slug")
    phone: Annotated[Text, Field(min_length=1, max_length=30)] = Field(description="来电人的手机号；请先征得同意")


class GuideSent(Given):
    """What was sent."""

    id: str
    entry: str
    text: str
    parts: int
    link: str | None
