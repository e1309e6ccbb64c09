"""A knowledge entry: one matter, its answer, its facets, and the law it rests on."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    model_validator,
)

from service.clock import CHINA, china_moment, shown_when

TEXT_LIMIT = 20_000  # characters of one field

TO_BE_WRITTEN = "【待填写】"
"""Stands in a draft where nobody has written yet; what contains it is not reviewed, let alone told."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_LIMIT)]
Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_LIMIT)]
Slug = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def _read_when(value: Any) -> date | datetime:
    """A day, or a moment to the minute; without a zone it is China's."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
        except ValueError:
            value = None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=CHINA)
    if isinstance(value, date):
        return value
    message = "应写成 2026-01-31，或者 2026-01-31 08:30 这样"
    raise ValueError(message)


FILES = "/files/"
"""Where this service serves an installation's own files."""

_ADDRESS = re.compile(r"[\x21-\x7e\u00a0-\uffff]{1,2000}")  # no blanks, no control characters


def _address(text: str) -> str:
    """A link that may be given to citizens: to another site, or to one of our own files."""
    parts = urlsplit(text) if _ADDRESS.fullmatch(text) and "\\" not in text else None
    if parts and parts.scheme in ("http", "https") and parts.hostname and not parts.username:
        return text
    if parts and text.startswith(FILES) and len(text) > len(FILES) and ".." not in text:
        return text
    message = f"应是 http:// 或 https:// 开头的网址，或者 {FILES} 下的文件"
    raise ValueError(message)


Address = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_address)]
When = Annotated[date | datetime, PlainValidator(_read_when), PlainSerializer(shown_when, return_type=str)]


class Facet(StrEnum):
    """A side of a matter that people ask about."""

    CONDITIONS = "conditions"
    MATERIALS = "materials"
    STEPS = "steps"
    TIME_LIMIT = "time_limit"
    FEE = "fee"
    PLACE = "place"
    PHONE = "phone"
    ONLINE = "online"
    LEGAL_BASIS = "legal_basis"

    @property
    def label(self) -> str:
        """The facet's name on a chip."""
        return _FACET_LABELS[self]


_FACET_LABELS = {
    Facet.CONDITIONS: "条件",
    Facet.MATERIALS: "材料",
    Facet.STEPS: "流程",
    Facet.TIME_LIMIT: "时限",
    Facet.FEE: "费用",
    Facet.PLACE: "地点",
    Facet.PHONE: "电话",
    Facet.ONLINE: "网办",
    Facet.LEGAL_BASIS: "依据",
}


_TEXT_LABELS = {
    "matter": "事项",
    "question": "问题",
    "answer": "答案",
    "short_answer": "简短答案",
    "issuing_unit": "发布单位",
}


class LegalBasis(BaseModel):
    """A law, regulation or document, and where in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: Required
    article: Text = ""

    @property
    def cited(self) -> str:
        """As a text cites it: 《document》article."""
        return f"《{self.document}》{self.article}"


class Attachment(BaseModel):
    """A form or a document that goes with a matter, by its address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    url: Address

    @property
    def written(self) -> str:
        """As a table's cell has it: title and address."""
        return f"{self.title} {self.url}"


class Facets(BaseModel):
    """What is told of each side of a matter; empty where nothing is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conditions: Text = ""
    materials: Text = ""
    steps: Text = ""
    time_limit: Text = ""
    fee: Text = ""
    place: Text = ""
    phone: Text = ""
    online: Text = ""
    legal_basis_note: Text = ""


class Entry(BaseModel):
    """One matter as it is published.

    An imported base may know only `slug`, `question` and `answer`; everything else has a sensible empty.

    Attributes:
        short_answer: for SMS and voice, at most 70 characters.
        effective_from: the day or the minute from which it may be told, in China; always if None.
        expires_on: the day or the minute from which it may no longer be told; never if None.
        review_by: the day by which the issuing unit looks at it again.
        visibility: `staff` entries are never told to citizens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Slug
    matter: Text = ""
    question: Required
    category: Text = ""
    audience: tuple[Required, ...] = ()
    issuing_unit: Text = ""
    region: Text = ""
    effective_from: When | None = None
    expires_on: When | None = None
    review_by: date | None = None
    answer: Required
    short_answer: Text = ""
    facets: Facets = Facets()
    legal_basis: tuple[LegalBasis, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    similar_questions: tuple[Required, ...] = ()
    keywords: tuple[Required, ...] = ()
    visibility: Literal["public", "staff"] = "public"
    version: Annotated[int, Field(ge=1)] = 1
    published_at: datetime | None = None

    @model_validator(mode="after")
    def _expires_after_it_begins(self) -> Self:
        begins, ends = self.effective_from, self.expires_on
        if begins and ends and china_moment(ends) < china_moment(begins):
            message = f"失效日期早于生效日期（{shown_when(ends)} < {shown_when(begins)}）"
            raise ValueError(message)
        return self

    def facet_text(self, facet: Facet) -> str:
        """What is told of one side; the legal basis lists documents and articles. Empty where nothing is told."""
        if facet is not Facet.LEGAL_BASIS:
            text: str = getattr(self.facets, facet.value)
            return text
        sources = [f"- {basis.cited}" for basis in self.legal_basis]
        return "\n".join([self.facets.legal_basis_note, *sources]).strip()

    def unwritten(self) -> list[str]:
        """The fields that still say `TO_BE_WRITTEN`, as staff name them."""
        told = {label: getattr(self, name) for name, label in _TEXT_LABELS.items()}
        told |= {facet.label: self.facet_text(facet) for facet in Facet}
        told["相似问法"] = "".join((*self.similar_questions, *self.keywords))
        return [label for label, text in told.items() if TO_BE_WRITTEN in text]

    def says_other_than(self, other: "Entry") -> bool:
        """Whether anything differs but the version and when it was published."""
        base = {"version": other.version, "published_at": other.published_at}
        return self.model_copy(update=base) != other

    def live_at(self, moment: datetime) -> bool:
        """Whether citizens may be told this entry at a moment."""
        return self.visibility == "public" and self.in_force_at(moment)

    def in_force_at(self, moment: datetime) -> bool:
        """Whether it has begun and not expired: staff may be told it, whoever else may."""
        begun = self.effective_from is None or china_moment(self.effective_from) <= moment
        ended = self.expires_on is not None and china_moment(self.expires_on) <= moment
        return begun and not ended

    def changes_after(self, moment: datetime) -> datetime | None:
        """When it next begins or expires by itself; None if it does not."""
        moments = [china_moment(when) for when in (self.effective_from, self.expires_on) if when]
        return min((when for when in moments if when > moment), default=None)
