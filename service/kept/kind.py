"""What kinds of settings there are: who may change them, what the product brings, and what may stand in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from service.identity.roles import Role
from service.kept.versions import SettingsVersion

Contents = Mapping[str, Any]
"""What is set, by part; values are JSON."""


class SettingRefused(Exception):
    """A setting cannot be changed like this; the message says why, in Chinese.

    Attributes:
        part: the part that is wrong, where one is.
    """

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part


def _nothing(_connection: Connection, _written: SettingsVersion) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of settings. Its parts change each by itself, and are checked together.

    Attributes:
        name: in the table and in the audit.
        title: for staff.
        shipped: the parts and what counts where nothing was ever set.
        check: gets all parts as they are before and as they would be; raises `refused` where that cannot be.
        editors: who may change them, beside administrators.
        refused: what is raised, with a message in Chinese.
        called: the name of a part for staff.
        names: of the fields within a content and of their values, for staff.
        opens: whether a part that the product does not bring may be begun.
        written: done in the transaction that writes a version.
    """

    name: str
    title: str
    shipped: Callable[[], Contents]
    check: Callable[[Contents, Contents], object]
    editors: tuple[Role, ...] = (Role.ADMINISTRATOR,)
    refused: type[Exception] = SettingRefused
    called: Callable[[str], str] = str
    names: Mapping[str, str] = field(default_factory=dict)
    opens: Callable[[str], bool] = lambda _part: False
    written: Callable[[Connection, SettingsVersion], None] = _nothing
