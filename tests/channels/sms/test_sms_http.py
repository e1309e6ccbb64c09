"""A gateway that is plain HTTP, as its settings describe it."""

import json

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from pydantic import ValidationError
from sms_world import ON_SQLITE, PHONE, VALUES

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.sms.gateways.gateway import SmsState
from channels.sms.gateways.generic_http import read
from channels.sms.opening import open_sms
from channels.sms.sending import SmsOrder
from channels.sms.unmatched import masked
from service.settings import Settings

HOW = {
    "headers": {"X-Key": "k"},
    "fields": {"to": "{phone}", "msg": "{signed_text}", "ext": "{reference}"},
    "success": {"code": "0"},
    "id_path": "data.0.id",
    "code_path": "code",
    "refusals": {"7": "permanent", "8": "delay"},
    "sign": "示例区热线",
    "state_path": "state",
    "query_id_path": "id",
    "query_fields": {"ref": "{reference}"},
    "delivered": ("OK",),
    "failed": ("NO",),
    "certain_minutes": 5,
}


class City:
    """A city's own gateway."""

    def __init__(self):
        self.got, self.answer, self.states = [], {"code": 0, "data": [{"id": 77}]}, {}

    async def send(self, request):
        self.got.append((request.headers["X-Key"], dict(await request.post()) or await request.json()))
        if self.answer is None:
            request.transport.abort()
            return web.Response()
        return web.json_response(self.answer)

    async def query(self, request):
        return web.json_response(self.states.get(request.query["ref"], {}))


@pytest_asyncio.fixture
async def city():
    city, app = City(), web.Application()
    app.add_routes([web.post("/send", city.send), web.get("/query", city.query)])
    async with TestServer(app) as server:
        city.address = str(server.make_url("")).rstrip("/")
        yield city


@pytest_asyncio.fixture
async def desk(request, city, database, keyring, clock, tmp_path):
    how = HOW | {"url": f"{city.address}/send", "query_url": f"{city.address}/query"} | getattr(request, "param", {})
    chosen = Settings(data_dir=tmp_path, sms_gateways=("http",), sms_http=how)
    async with open_sms(chosen, database, keyring, clock) as opened:
        yield opened


ORDER = SmsOrder("order", PHONE, "ticket_submit", VALUES)
TEXT = "【示例区热线】您的诉求登记好了，编号20261121-00042-0。我们会转给负责的单位，11月27日前给您结果。"


@pytest.mark.parametrize("desk", [{"body": "json"}, {"body": "form"}], indirect=True)
async def test_it_gets_what_the_settings_say_and_its_answer_is_read(city, desk):
    sent = await desk.send(ORDER)

    [(key, body)] = city.got
    assert (key, body["to"], body["msg"]) == ("k", "13800138000", TEXT)
    assert (sent.provider_id, sent.gateway, sent.cost_fen) == ("77", "http", 4.5)


@pytest.mark.parametrize(
    ("code", "remedy"), [(7, Remedy.PERMANENT), ("8", Remedy.DELAY), ("strange", Remedy.ANOTHER_WAY)]
)
@ON_SQLITE
async def test_its_refusals_mean_what_the_settings_say(code, remedy, city, desk):
    city.answer = {"code": code}

    with pytest.raises(SendRefused) as told:
        await desk.send(ORDER)
    assert told.value.remedy is remedy


@ON_SQLITE
async def test_an_answer_that_cannot_be_read_is_asked_about(city, desk, clock):
    city.answer = {"what": "?"}
    with pytest.raises(SendUnknown):
        await desk.send(ORDER)
    reference = (await desk.state_of("order")).reference
    city.states[reference] = {"state": "OK", "id": "78"}

    clock.forward(minutes=2)
    sent = await desk.send(ORDER)

    assert (sent.provider_id, sent.state) == ("78", SmsState.DELIVERED)
    assert len(city.got) == 1


@pytest.mark.parametrize("desk", [{"query_url": ""}], indirect=True)
@ON_SQLITE
async def test_without_a_way_to_ask_nothing_is_sent_twice(city, desk, clock):
    city.answer = None
    with pytest.raises(SendUnknown):
        await desk.send(ORDER)
    clock.forward(hours=25)

    with pytest.raises(SendRefused) as told:
        await desk.send(ORDER)
    assert told.value.code == "never_known"
    assert len(city.got) == 1


@ON_SQLITE
async def test_one_that_is_down_surely_took_nothing(city, database, keyring, clock, tmp_path):
    how = HOW | {"url": f"http://127.0.0.1:{unused_port()}/send"}
    chosen = Settings(data_dir=tmp_path, sms_gateways=("http", "console"), sms_http=how)
    async with open_sms(chosen, database, keyring, clock) as desk:
        sent = await desk.send(ORDER)
    assert sent.gateway == "console"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"fields": {"to": "{telephone}"}}, "没有 {telephone} 这个占位符"),
        ({"url": "ftp://x"}, "https://"),
        ({"headers": {"X": "{phone}"}}, "固定的文字"),
        ({"headers": {"X": "a\r\nY: b"}}, "固定的文字"),
        ({"success": {}}, "success"),
        ({"unheard": 1}, "unheard"),
    ],
)
def test_settings_that_could_not_work_are_refused(tmp_path, wrong, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Settings(data_dir=tmp_path, sms_http=HOW | {"url": "https://sms.example.cn"} | wrong)


def test_a_value_is_never_read_as_a_placeholder():
    from channels.sms.gateways.generic_http import _filled

    assert _filled("{text}", {"text": "{phone}", "phone": "1"}) == "{phone}"
    assert _filled("https://x/{text}", {"text": "a/b?c"}, quoted=True) == "https://x/a%2Fb%3Fc"


@pytest.mark.parametrize(
    ("path", "found"), [("a.0.b", "1"), ("a.1", None), ("a.x", None), ("c", "true"), ("d", None), ("", None)]
)
def test_a_path_leads_to_something_plain_or_nowhere(path, found):
    assert read({"a": [{"b": 1}], "c": True, "d": {}}, path) == found


@ON_SQLITE
async def test_its_reports_and_replies_are_read_as_the_settings_say(city, desk, lifecycle, clock):
    from channels.sms.callbacks import Callbacks

    sent = await desk.send(ORDER)
    callbacks = Callbacks.open(Settings(sms_callback_secret="s" * 24), desk, lifecycle)
    app = web.Application()
    app.add_routes(callbacks.routes())
    async with TestServer(app) as server:
        pushes = {"report": {"phone": "13800138000", "id": sent.provider_id, "state": "OK"}}
        pushes["reply"] = {"phone": "13800138000", "text": "你好"}
        for kind, body in pushes.items():
            url = server.make_url(f"/sms/{'s' * 24}/http/{kind}")
            async with desk.gateways[0].session.post(url, data=json.dumps(body)) as response:
                assert (response.status, await response.text()) == (200, '{"code": 0}')

    assert (await desk.state_of("order")).state is SmsState.DELIVERED
    assert [each.text for each in await desk.database.read(masked(desk.ledger.cipher, 5))] == ["你好"]
