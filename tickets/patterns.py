"""Regular expressions as staff may write them into files of rules."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        message = f"“{pattern}”不是正确的匹配式（{error}）"
        raise ValueError(message) from error
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
"""A regular expression that compiles; what does not is told in Chinese."""
