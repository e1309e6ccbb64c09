"""Which numbers an SMS can go to, and how they are written."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from channels.outcomes import Remedy, SendRefused

SERVICE = "sms"
"""Who refuses what our own rules refuse."""


class NotMobile(SendRefused):
    """No mobile number of the mainland."""

    def __init__(self) -> None:
        reason = "短信只能发到内地的手机号，这个号码不是；可以打电话或用微信联系。"
        super().__init__(SERVICE, "not_mobile", reason, Remedy.PERMANENT)


@lru_cache(4096)
def mobile(text: str) -> str:
    """A mobile number of the mainland in international form: +8613800138000.

    Raises:
        NotMobile: see there.
    """
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise NotMobile from error
    right = number.country_code == 86 and phonenumbers.is_valid_number(number) and number.extension is None
    if not right or phonenumbers.number_type(number) is not PhoneNumberType.MOBILE:
        raise NotMobile
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(phone: str) -> str:
    """The eleven digits of a mobile number in international form."""
    return phone.removeprefix("+86")
