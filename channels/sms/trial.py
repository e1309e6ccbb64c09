"""A message to try SMS with: a text of the product with its example values."""

from collections.abc import Mapping
from datetime import datetime

from channels.sms.sending import SmsOrder
from channels.sms.templates import Texts


def trial_order(
    texts: Texts, phone: str, purpose: str, at: datetime, given: Mapping[str, str] | None = None
) -> SmsOrder:
    """An order that goes out at once, also at night; each is one of its own.

    Args:
        given: values that stand in for the examples.
    """
    examples = {name: variable.example for name, variable in texts.variables.items()}
    return SmsOrder(f"trial {at:%Y%m%d%H%M%S%f}", phone, purpose, examples | dict(given or {}), urgent=True)
