"""What a process remembers for a while, so that it need not ask the database again."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The last so many values, each for so long. Only for what never changes once it is known.

    Args:
        seconds: by the clock that is given with every call, which need not be that of the wall.
    """

    def __init__(self, many: int, seconds: float) -> None:
        self._many = many
        self._seconds = seconds
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str, now: float) -> Value | None:
        """What is remembered, if it is."""
        at, value = self._kept.get(key, (float("-inf"), None))
        return value if now - at < self._seconds else None

    def put(self, key: str, value: Value, now: float) -> None:
        """Remember something; the oldest is forgotten for it."""
        self._kept[key] = (now, value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._many:
            self._kept.popitem(last=False)
