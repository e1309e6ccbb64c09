"""The kinds of values the API takes: texts without tricks, moments that mean the same everywhere."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LINES = "\n\t\r"


def _plain(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in _LINES for character in text):
        raise PydanticCustomError("control_character", "control characters")
    return text


def _sensible(moment: datetime) -> datetime:
    if not _FIRST <= moment < _LAST:
        raise PydanticCustomError("moment_out_of_range", "out of range")
    return moment


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_plain)]
Name = Annotated[Text, Field(min_length=1, max_length=100)]
Moment = Annotated[AwareDatetime, AfterValidator(_sensible)]
"""A moment with its time zone: 2026-11-21T10:00:00+08:00."""


class Taken(BaseModel):
    """What a request brings: no field is unknown, and none is taken for another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Asked(BaseModel):
    """What stands in an address behind the question mark: texts that mean numbers and moments."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)
