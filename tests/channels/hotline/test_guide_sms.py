"""A guide leaves by the installation's own gateway, with its address where one is set."""

import pytest

from channels.hotline.guide_sms import SmsGuides
from channels.sms.gateways.console import ConsoleGateway
from channels.sms.opening import open_sms
from knowledge_base.entry import Entry
from service.settings import Settings

ENTRY = Entry(slug="id-card", question="身份证怎么办", answer="到派出所办。")
PHONE = "+8613800138000"


@pytest.mark.parametrize(
    ("site", "slug", "link"),
    [
        ("https://w.example.cn", "id-card", "https://w.example.cn/guide/id-card"),
        ("https://w.example.cn", "身份证", None),  # no gateway takes other letters in a variable
        ("", "id-card", None),
    ],
)
async def test_what_is_previewed_is_what_is_sent_once(
    database, keyring, clock, tmp_path, monkeypatch, site, slug, link
):
    sent = []

    async def shown(_gateway, message):
        sent.append(message.text)
        return "1"

    monkeypatch.setattr(ConsoleGateway, "send", shown)
    clock.forward(hours=14)  # midnight: who has just asked for it gets it all the same
    settings = Settings(data_dir=tmp_path, sms_gateways=("console",), public_url=site)
    entry = ENTRY.model_copy(update={"slug": slug})
    async with open_sms(settings, database, keyring, clock) as desk:
        guides = SmsGuides(desk, site)
        told = guides.text_of(entry)
        for _ in range(2):
            await guides.send("order", PHONE, entry)

    assert sent == [told.text.partition("】")[2]]
    assert told.link == link
    assert (link is None) or link in told.text
    assert told.parts == 1
