"""How the platform says no."""

from dataclasses import dataclass


@dataclass(eq=False)
class Refused(Exception):
    """An answer that refuses.

    Attributes:
        code: errcode.
        message: errmsg, without the rid that the API adds.
    """

    code: int
    message: str
