import asyncio
import json

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from conftest import METRICS_TOKEN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.widget.blocks import blocks
from program.app import build_app
from program.assembly import open_parts
from service.settings import Settings


@pytest_asyncio.fixture(scope="module", loop_scope="session")  # beside other files' it would deliver what is theirs
async def client(parts):
    async with TestClient(TestServer(build_app(parts))) as opened:
        yield opened


@pytest_asyncio.fixture
async def session(client):
    response = await client.post("/api/v1/widget/sessions", json={})
    assert response.status == 201
    return (await response.json())["session"]


async def send(client, session, **body):
    return await client.post("/api/v1/widget/messages", json={"session": session, **body})


async def error_of(response):
    error = (await response.json())["error"]
    return response.status, error["code"], error["message"]


async def test_a_session_begins_with_the_hotline_and_what_people_ask(client):
    body = await (await client.post("/api/v1/widget/sessions", json={})).json()

    assert body["hotline"] == {"name": "示例区12345聊天办", "phone": "12345"}
    assert len(body["popular"]) == 6
    assert body["popular"][0]["payload"].startswith("/ask_policy")


async def test_a_question_is_answered_in_the_documented_form(client, session):
    response = await send(client, session, text="身份证过期了在外地能换吗")
    reply = (await response.json())["replies"][0]

    assert response.status == 200
    assert reply.keys() >= {"id", "at", "kind", "text", "buttons", "entry", "ticket"}
    assert reply["kind"] == "answer"
    assert reply["entry"]["guide_url"] == "/guide/id-card"


async def test_history_gives_the_conversation_back(client, session):
    await send(client, session, text="身份证过期了在外地能换吗")
    await send(client, session, payload="/ask_for_person", title="转人工")
    history = (await (await client.get("/api/v1/widget/history", params={"session": session})).json())["messages"]

    assert [message["from"] for message in history] == ["citizen", "assistant"] * 2
    assert history[2]["text"] == "转人工"
    assert history[3]["reply"]["kind"] == "handover"


async def test_the_same_id_is_answered_with_the_same_replies(client, session):
    first = await (await send(client, session, text="身份证过期了在外地能换吗", id="m-1")).json()
    again = await (await send(client, session, text="身份证过期了在外地能换吗", id="m-1")).json()

    assert first == again


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 400, "bad_request"),
        ({"text": "  \n"}, 400, "bad_request"),
        ({"text": "\x00\x01"}, 400, "bad_request"),
        ({}, 400, "bad_request"),
        ({"text": "a", "payload": "/affirm"}, 400, "bad_request"),
        ({"text": 5}, 400, "bad_request"),
        ({"text": None}, 400, "bad_request"),
        ({"payload": "/restart"}, 400, "bad_request"),
        ({"payload": ["/affirm"]}, 400, "bad_request"),
        ({"text": "a", "id": "x" * 65}, 400, "bad_request"),
        ({"text": "好" * 1001}, 413, "too_large"),
        ({"text": "好" * 20000}, 413, "too_large"),
    ],
)
async def test_wrong_messages_get_a_clear_error(client, session, body, status, code):
    got_status, got_code, message = await error_of(await send(client, session, **body))

    assert (got_status, got_code) == (status, code)
    assert any("\u4e00" <= character <= "\u9fa5" for character in message)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 10000, b'{"session": 1, "text": "a"}'])
async def test_wrong_bodies_get_a_clear_error(client, raw):
    response = await client.post("/api/v1/widget/messages", data=raw, headers={"Content-Type": "application/json"})

    assert (await error_of(response))[:2] == (400, "bad_request")


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "0" * 40, "a.9999999999.AAAAAAAAAAAAAAAAAAAAAA"])
async def test_a_forged_session_is_refused(client, token):
    assert (await error_of(await send(client, token, text="你好")))[:2] == (401, "session_invalid")
    history = await client.get("/api/v1/widget/history", params={"session": token})
    assert history.status == 401


async def test_an_expired_session_is_refused(clock, keyring):
    from datetime import timedelta

    from channels.widget.session import SessionInvalid, WidgetSessions

    sessions = WidgetSessions(keyring.cipher("widget"), timedelta(days=30), clock)
    token, _ = sessions.issue()
    assert len(sessions.conversation(token)) == 32

    clock.forward(days=31)
    with pytest.raises(SessionInvalid):
        sessions.conversation(token)


async def test_sending_too_fast_is_slowed_down(parts):
    few = parts.settings.model_copy(update={"messages_per_minute": 2, "sessions_per_minute": 2})
    from dataclasses import replace

    async with TestClient(TestServer(build_app(replace(parts, settings=few)))) as client:
        token = (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]
        for _ in range(2):
            assert (await send(client, token, text="你好")).status == 200
        response = await send(client, token, text="你好")
        assert (await error_of(response))[:2] == (429, "too_many")
        assert 1 <= int(response.headers["Retry-After"]) <= 60

        await client.post("/api/v1/widget/sessions", json={})
        assert (await client.post("/api/v1/widget/sessions", json={})).status == 429


async def test_rates_are_counted_in_redis_for_all_processes(redis_url):
    from channels.widget.errors import ApiError
    from channels.widget.limits import RateLimits

    few = Settings(messages_per_minute=2, sessions_per_minute=2, redis_url=redis_url)
    here, there = (RateLimits(few) for _ in range(2))
    await here.check_message("c1")
    await there.check_message("c1")
    with pytest.raises(ApiError):
        await here.check_message("c1")


async def read_event(response):
    event = {}
    while line := (await response.content.readline()).decode().strip():
        name, _, value = line.partition(": ")
        event[name] = value
    return event


async def test_events_bring_what_is_said_elsewhere_and_go_on_after_the_last_seen(client, session):
    first = (await (await send(client, session, text="你好")).json())["replies"][-1]
    params = {"session": session, "after": str(first["id"])}
    async with client.get("/api/v1/widget/events", params=params) as stream:
        assert stream.content_type == "text/event-stream"
        await send(client, session, text="身份证过期了在外地能换吗")
        said = json.loads((await asyncio.wait_for(read_event(stream), 10))["data"])
        answer = await asyncio.wait_for(read_event(stream), 10)

    assert (said["from"], said["text"]) == ("citizen", "身份证过期了在外地能换吗")
    assert json.loads(answer["data"])["reply"]["kind"] == "answer"
    assert int(answer["id"]) > first["id"]


async def test_only_listed_sites_may_embed_the_widget(parts):
    from dataclasses import replace

    listed = parts.settings.model_copy(update={"widget_origins": ("https://www.example.gov.cn",)})
    async with TestClient(TestServer(build_app(replace(parts, settings=listed)))) as client:
        good = {"Origin": "https://www.example.gov.cn"}
        allowed = await client.options("/api/v1/widget/messages", headers=good)
        assert (allowed.status, allowed.headers["Access-Control-Allow-Origin"]) == (204, good["Origin"])
        refused = await client.post("/api/v1/widget/messages", data=b"{", headers=good)
        assert refused.status == 400
        assert refused.headers["Access-Control-Allow-Origin"] == good["Origin"]
        other = await client.get("/widget.js", headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize("path", ["/", "/privacy", "/guide/id-card"])
async def test_public_pages_are_served_with_a_strict_policy(client, path):
    response = await client.get(path)
    page = await response.text()

    assert response.status == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert " style=" not in page
    assert "http://" not in page.replace(str(client.make_url("/")), "").replace("http://www.w3.org/2000/svg", "")


async def test_the_guide_shows_every_facet_and_its_law(client, parts):
    page = await (await client.get("/guide/id-card")).text()
    entry = parts.knowledge.entry("id-card")

    assert entry.legal_basis[0].document in page
    assert "（示例信息）" in page
    assert "<svg" in page


@pytest.mark.parametrize("path", ["/guide/nothing", "/guide/%3Cscript%3E", "/guide/..%2f..%2fetc"])
async def test_an_unknown_guide_is_a_kind_404(client, path):
    response = await client.get(path)

    assert response.status == 404


async def test_an_unknown_api_address_answers_in_json(client):
    assert (await error_of(await client.get("/api/v1/nothing")))[0] == 404
    assert (await error_of(await client.get("/api/v1/widget/messages")))[0] == 405


async def test_health_and_figures(client):
    assert (await client.get("/healthz")).status == 200
    assert await (await client.get("/readyz")).json() == {"missing": []}
    shown = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert "ltb_http_requests_total" in await (await client.get("/metrics", headers=shown)).text()


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Basic {METRICS_TOKEN}", METRICS_TOKEN])
async def test_figures_are_for_who_has_their_token(client, shown):
    assert (await client.get("/metrics", headers={"Authorization": shown})).status == 404


async def test_a_hotline_that_has_just_begun_takes_requests_and_shows_nobody_its_figures(tmp_path, model_dir):
    async with open_parts(Settings(data_dir=tmp_path, model_dir=model_dir, encoder=False)) as parts:
        await parts.knowledge.replace([])
        async with TestClient(TestServer(build_app(parts))) as client:
            ready = await client.get("/readyz")
            assert (ready.status, await ready.json()) == (200, {"missing": [], "empty": ["knowledge"]})
            assert (await client.get("/metrics", headers={"Authorization": "Bearer "})).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/consolex",
        "/healthz",
        "/api/v1/nothing",
        "/files/nothing",
        "/open311/v2/requests.json",
        "/guide/nothing",
        "/widget.js",
        "/console",
        "/console/nothing",
        "/console/sign-in",
        "/privacy",
    ],
)
async def test_every_answer_is_guarded_and_says_nothing_of_versions(client, path):
    answer = await client.get(path, allow_redirects=False)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src")
    assert "Server" not in answer.headers


async def test_a_failure_is_logged_by_its_route_and_not_by_what_somebody_wrote_into_the_address(
    parts, monkeypatch, caplog
):
    def broken(*_args):
        raise RuntimeError

    monkeypatch.setattr(type(parts.knowledge), "entry", broken)
    async with TestClient(TestServer(build_app(parts))) as client:
        assert (await client.get("/guide/a%0A2026-11-21%20INFO%20forged")).status == 500

    assert "GET /guide/{slug} failed" in caplog.text
    assert "forged" not in caplog.text


async def test_a_failure_shows_no_traceback(parts, monkeypatch):
    def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(parts.assistant.transcript), "history_within", broken)
    async with TestClient(TestServer(build_app(parts))) as client:
        token = (await (await client.post("/api/v1/widget/sessions", json={})).json())["session"]
        response = await client.get("/api/v1/widget/history", params={"session": token})
        text = await response.text()

    assert response.status == 500
    assert "secret" not in text
    assert "Traceback" not in text


NO_TEXT = ["\x00", "a\x00b", "\ud800", "x" * 5000, "/ask_policy{", '/ask_policy{"entry": "\x00"}', "\ud800.1.x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(NO_TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    body=st.fixed_dictionaries(
        {}, optional={"text": JSON, "payload": JSON, "id": JSON, "title": JSON, "session": st.just("") | JSON}
    )
)
def test_no_message_breaks_the_server(fuzzed_address, body):
    """Hypothesis is synchronous; the server runs in a thread of its own."""
    import urllib.error
    import urllib.request

    address, token = fuzzed_address
    data = json.dumps({"session": token} | body).encode()
    request = urllib.request.Request(f"{address}/api/v1/widget/messages", data, {"Content-Type": "application/json"})
    try:
        status = urllib.request.urlopen(request, timeout=30).status
    except urllib.error.HTTPError as error:
        status = error.code
    assert status in (200, 400, 401, 413)


@pytest.fixture(scope="module")
def fuzzed_address(tmp_path_factory, model_dir):
    """A server in a thread with an event loop of its own."""
    import threading

    from program.assembly import open_parts
    from service.settings import Settings

    found: dict = {}
    ready, done = threading.Event(), threading.Event()

    async def serve():
        limits = {"messages_per_minute": 10**6}
        settings = Settings(data_dir=tmp_path_factory.mktemp("fuzz"), model_dir=model_dir, encoder=False, **limits)
        async with open_parts(settings) as parts:
            runner = web.AppRunner(build_app(parts))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            found["address"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with ClientSession() as http, http.post(f"{found['address']}/api/v1/widget/sessions") as response:
                found["token"] = (await response.json())["session"]
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.05)
            await runner.cleanup()

    import actions.services

    before = actions.services._services
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    yield found["address"], found["token"]
    done.set()
    thread.join(30)
    actions.services._services = before


def test_text_becomes_paragraphs_and_lists():
    assert blocks("先这样：\n1. 一\n2、二\n\n- 甲\n再见") == [
        {"kind": "p", "items": ["先这样："]},
        {"kind": "ol", "items": ["一", "二"]},
        {"kind": "ul", "items": ["甲"]},
        {"kind": "p", "items": ["再见"]},
    ]
