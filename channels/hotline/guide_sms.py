"""Guides as SMS: the purpose `guide` of `channels/sms/templates.yml`, with the guide's address where one fits."""

from dataclasses import dataclass

from channels.hotline.guides import GuideText
from channels.outcomes import SendRefused
from channels.sms.parts import parts_of, signed
from channels.sms.sending import SmsDesk, SmsOrder
from channels.sms.templates import BRIEF
from knowledge_base.entry import Entry

_PURPOSE = "guide"


@dataclass(frozen=True, slots=True)
class SmsGuides:
    """Implements `channels.hotline.guides.GuideSms`.

    Attributes:
        site: where citizens reach this service; empty: no address is sent.
    """

    desk: SmsDesk
    site: str

    def text_of(self, entry: Entry) -> GuideText | None:
        """See `GuideSms`: as the first gateway that can would send it."""
        for gateway in self.desk.gateways:
            keys = (_PURPOSE, _PURPOSE + BRIEF)
            templates = {key: known for key in keys if (known := gateway.template(key)) is not None}
            try:
                filled = self.desk.texts.fill(_PURPOSE, _values(entry), gateway.variable_length, templates)
            except SendRefused:
                continue  # the next may have a template that fits
            link = f"{self.site.rstrip('/')}/guide/{entry.slug}"
            parts = parts_of(gateway.sign, filled.text)
            return GuideText(signed(gateway.sign, filled.text), parts, link if link in filled.text else None)
        return None

    async def send(self, order: str, phone: str, entry: Entry) -> None:
        """See `GuideSms`. The caller has just asked for it, so it goes out at night, too."""
        await self.desk.send(SmsOrder(order, phone, _PURPOSE, _values(entry), subject=entry.slug, urgent=True))


def _values(entry: Entry) -> dict[str, str]:
    return {"guide": entry.slug}
