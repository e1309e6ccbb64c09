"""Who may push: beyond the secret in the path, the addresses and the signature that are set up."""

import hashlib
import hmac
import json

import pytest
from pydantic import ValidationError
from sms_world import ON_SQLITE, open_world

from channels.sms.checkup import examine_sms
from service.settings import Settings

REPLY = json.dumps([{"phone_number": "13800138000", "content": "退订", "sequence_id": 1}])
PUSHED_HERE = {"sms_callback_networks": {"aliyun": ["127.0.0.0/8"]}}
PUSHED_ELSEWHERE = {"sms_callback_networks": {"aliyun": ["203.0.113.0/24", "2001:db8::7"]}}
BEHIND_A_PROXY = PUSHED_ELSEWHERE | {"trusted_proxies": ("127.0.0.1",)}


@pytest.fixture
def push(database, keyring, clock, lifecycle, sms_settings):
    """Push a reply to an installation with these settings; the status it is answered with."""

    async def pushed(given, headers=(), path="aliyun/reply", body=REPLY):
        async with open_world(database, keyring, clock, lifecycle, sms_settings | given) as sms:
            address = f"{sms.address}/{path}"
            async with sms.simulated.pusher.session.post(address, data=body, headers=headers) as response:
                return response.status

    return pushed


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "forwarded", "status"),
    [
        ({}, "", 200),
        ({"sms_callback_networks": {"tencent": ["203.0.113.0/24"]}}, "", 200),
        (PUSHED_HERE, "", 200),
        (PUSHED_ELSEWHERE, "", 403),
        (PUSHED_ELSEWHERE, "203.0.113.7", 403),  # from no proxy of ours: it says so itself
        (BEHIND_A_PROXY, "203.0.113.7", 200),
        (BEHIND_A_PROXY, "2001:db8::7", 200),
        (BEHIND_A_PROXY, "::ffff:203.0.113.7", 200),
        (BEHIND_A_PROXY, "203.0.113.7, 198.51.100.1", 403),  # what the proxy saw comes last
        (BEHIND_A_PROXY, "2001:db8::8", 403),
        (BEHIND_A_PROXY, "nobody", 403),
    ],
)
async def test_a_gateway_with_addresses_pushes_from_these_alone(push, given, forwarded, status):
    assert await push(given, {"X-Forwarded-For": forwarded} if forwarded else {}) == status


@ON_SQLITE
async def test_a_second_line_of_the_header_is_the_proxys(push):
    lines = [("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-For", "198.51.100.1")]

    assert await push(BEHIND_A_PROXY, lines) == 403


SIGNED = {
    "sms_gateways": ("http",),
    "sms_http": {
        "url": "https://sms.example.cn",
        "fields": {"to": "{phone}"},
        "success": {"ok": "1"},
        "id_path": "id",
        "push_signature": {"header": "X-Signature", "secret": "the gateway's secret"},
    },
}
BODY = json.dumps({"phone": "13800138000", "text": "退订"})
RIGHT = hmac.new(b"the gateway's secret", BODY.encode(), hashlib.sha256).hexdigest()


@ON_SQLITE
@pytest.mark.parametrize(
    ("signature", "status"),
    [(RIGHT, 200), (f"sha256={RIGHT.upper()}", 200), (RIGHT[:-1] + "x", 403), ("签名", 403), (None, 403)],
)
async def test_a_gateway_that_signs_is_believed_only_with_its_signature(push, signature, status):
    headers = {} if signature is None else {"X-Signature": signature}

    assert await push(SIGNED, headers, "http/reply", BODY) == status


@ON_SQLITE
async def test_doctor_advises_addresses_for_gateways_without(database, keyring, clock, lifecycle, sms_settings):
    async with open_world(database, keyring, clock, lifecycle, sms_settings) as sms:
        bound = sms.settings.model_copy(update={"sms_callback_networks": {"aliyun": ()}})
        open_, bound = [(await examine_sms(each, clock))[-1].message for each in (sms.settings, bound)]

    assert "LTB_SMS_CALLBACK_NETWORKS" in open_
    assert "LTB_SMS_CALLBACK_NETWORKS" not in bound


def test_what_is_no_network_is_refused_in_chinese():
    with pytest.raises(ValidationError, match="不是地址或网段"):
        Settings(sms_callback_networks={"aliyun": ["阿里云"]})
