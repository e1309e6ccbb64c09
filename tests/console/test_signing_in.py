"""Signing in to the console: what is owed, how long it lasts, and who is kept out."""

import asyncio
import hashlib
from datetime import timedelta

import pyotp
import pytest
from office import COOKIE, open_console
from sqlalchemy import select

from service import limited_body
from service.audit import Deed, Search, found
from service.identity.roles import Role
from service.identity.staff import add_staff
from service.identity.tables import staff, staff_sessions

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GOOD = "Zhihui-2026-an"
KEYS = {"old": "one-time", "new": GOOD, "again": GOOD}


async def deeds(console):
    lines = await console.office.database.read(found(Search(), 50))
    return [(line.done.deed, line.done.subject) for line in reversed(lines)]


async def enter(console, username="li", password="one-time", **headers):
    """Somebody at the sign-in page who has typed name and password."""
    visitor = console.stranger()
    await visitor.get("/console/sign-in")
    return visitor, await visitor.post("/console/sign-in", headers=headers, username=username, password=password)


@pytest.fixture
async def newcomer(console, clock):
    """An account with a one-time password."""

    async def add(*roles, **more):
        await add_staff(console.office.database, "li", roles or [Role.AGENT], "one-time", clock=clock, **more)

    return add


async def test_a_one_time_password_leads_to_nothing_but_another_one(console, newcomer):
    await newcomer()
    visitor, page = await enter(console)

    assert page.url == "/console/me/password"
    assert page.has("先改一个自己的密码")
    assert (await visitor.get("/console/")).url == "/console/me/password"
    assert (await visitor.get("/console/counts")).status == 401

    page = await visitor.post("/console/me/password", **KEYS)
    assert page.url == "/console/"
    assert page.has("密码已改好")
    assert await deeds(console) == [
        (Deed.ACCOUNT_ADDED, "li"),
        (Deed.SIGN_IN, "li"),
        (Deed.PASSWORD_CHANGED, "li"),
    ]


@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("short1A", "至少要 10 个字符"),
        ("alllowercase", "三种"),
        ("Li-is-my-name1", "不要有用户名"),
        ("Password123456", "太常见"),
        ("aaaaAAAA1111", "重复的字符太多"),
        ("one-time", "至少要 10 个字符"),
    ],
)
async def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(console, newcomer, new, complaint):
    await newcomer()
    visitor, _ = await enter(console)
    page = await visitor.post("/console/me/password", old="one-time", new=new, again=new)

    assert page.status == 422
    assert page.has(complaint)


async def test_a_long_sentence_is_a_password_too(console, newcomer):
    await newcomer()
    visitor, _ = await enter(console)
    sentence = "春风又绿江南岸，明月何时照我还，还有一句"
    assert (await visitor.post("/console/me/password", old="one-time", new=sentence, again=sentence)).url == "/console/"


async def test_changing_the_password_ends_every_other_session(console, newcomer):
    await newcomer(name="李")
    visitor, _ = await enter(console)
    before = visitor.cookie()
    elsewhere, _ = await enter(console)

    await visitor.post("/console/me/password", **KEYS)

    assert visitor.cookie() != before
    assert (await visitor.get("/console/")).status == 200
    assert (await elsewhere.get("/console/")).url.startswith("/console/sign-in")


async def test_the_token_changes_at_signing_in_and_only_its_hash_is_stored(console, newcomer):
    await newcomer()
    visitor = console.stranger()
    await visitor.get("/console/sign-in")
    before = visitor.cookie()
    await visitor.post("/console/sign-in", username="li", password="one-time")

    assert visitor.cookie() != before
    stored = await console.office.database.read(lambda c: c.scalars(select(staff_sessions.c.token_hash)).all())
    assert stored == [hashlib.sha256(visitor.cookie().encode()).hexdigest()]


async def test_signing_in_leads_to_the_page_that_was_wanted_and_never_elsewhere(console):
    await console.account("li", Role.AGENT)
    visitor = console.stranger()
    page = await visitor.get("/console/search?q=电梯")
    assert page.url.startswith("/console/sign-in?next=")
    for wanted, reached in [
        ("/console/search?q=1", "/console/search?q=1"),
        ("https://example.com/console/", "/console/"),
        ("//example.com/console/", "/console/"),
        ("/console/\\example.com", "/console/"),
        ("/other", "/console/"),
    ]:
        signed_in = await console.signed_in("li")
        assert (await signed_in.get("/console/sign-in", params={"next": wanted})).url == reached


async def test_five_failures_bring_a_pause_that_grows_and_ends(console, newcomer, clock):
    await newcomer()
    for _ in range(5):
        _, page = await enter(console, password="wrong")
        assert page.has("用户名或密码不对")

    _, page = await enter(console)
    assert page.has("请等 1 分钟再试")
    clock.forward(seconds=61)
    _, page = await enter(console, password="wrong")
    _, page = await enter(console)
    assert page.has("请等 2 分钟再试")
    clock.forward(minutes=2)
    _, page = await enter(console)
    assert page.url == "/console/me/password"

    assert [deed for deed, _ in await deeds(console)].count(Deed.SIGN_IN_PAUSED) == 2
    for _ in range(4):
        await enter(console, password="wrong")
    _, page = await enter(console)
    assert page.url == "/console/me/password"  # success took the count back


async def test_strangers_who_fail_on_purpose_do_not_shut_out_whoever_has_signed_in_there_before(console, newcomer):
    await newcomer()
    at_home, _ = await enter(console)
    mark = {each.key: each.value for each in at_home.session.cookie_jar if each.key.startswith(f"{COOKIE}_")}
    await at_home.post("/console/sign-out")
    for _ in range(6):
        _, page = await enter(console, password="wrong")
    assert page.has("请等 1 分钟再试")

    await at_home.get("/console/sign-in")
    page = await at_home.post("/console/sign-in", username=" LI ", password="one-time")
    assert page.url == "/console/me/password"
    assert (await at_home.post("/console/me/password", **KEYS)).has("密码已改好")
    assert (await enter(console, password=GOOD))[1].has("请等")  # elsewhere the pause goes on

    thief = console.stranger()
    thief.session.cookie_jar.update_cookies(mark, console.server.make_url("/"))
    await thief.get("/console/sign-in")
    said = [(await thief.post("/console/sign-in", username="li", password="guess")).has("请等") for _ in range(6)]
    assert said == [False] * 5 + [True]  # a mark that was stolen is no way around the pauses


@pytest.mark.parametrize("mark", ["", ".", "a.1.x", "é", "0" * 300])
async def test_what_is_no_mark_of_ours_counts_for_nothing(console, clock, mark):
    known = console.office.sign_in.browsers
    ours = known.mark("li", clock())
    assert known.known("li", mark, clock()) == ""
    assert known.known("wang", ours, clock()) == ""
    assert known.known("li", ours, clock())
    assert known.known("li", ours, clock() + timedelta(days=181)) == ""


async def test_a_name_nobody_has_is_answered_and_paused_like_any_other(console):
    for _ in range(5):
        _, page = await enter(console, "hunter2-is-my-password", "wrong")
        assert page.has("用户名或密码不对")
    _, page = await enter(console, "hunter2-is-my-password", "wrong")
    assert page.has("请等 1 分钟再试")

    assert {subject for _, subject in await deeds(console)} == {"未知账号"}


async def test_an_address_that_tries_many_names_is_paused(console, newcomer):
    await newcomer()
    for number in range(30):
        await enter(console, f"name-{number}", "wrong")
    _, page = await enter(console)
    assert page.has("请等 1 分钟再试")


async def test_somebody_idle_is_signed_out_and_open_pages_do_not_count(console, clock):
    visitor = await console.staff("li", Role.AGENT)
    for _ in range(5):
        clock.forward(minutes=11)
        assert (await visitor.get("/console/counts")).status == 200
    clock.forward(minutes=6)
    assert (await visitor.get("/console/counts")).status == 401
    assert (await visitor.get("/console/")).url.startswith("/console/sign-in")


async def test_what_was_typed_before_the_session_ended_is_not_lost(console, clock):
    visitor = await console.staff("li", Role.ADMINISTRATOR)
    await console.account("wang", Role.AGENT)
    clock.forward(hours=2)
    page = await visitor.post("/console/accounts/wang", name="王丽（夜班）", roles=["agent"], password="secret")
    assert page.status == 401
    assert page.has("写的内容还在", "王丽（夜班）")
    assert 'action="/console/accounts/wang"' in page.text
    assert "secret" not in page.text

    page = await visitor.post("/console/accounts/wang", headers={"Origin": "https://example.com"}, name="骗您的")
    assert page.status == 403
    assert "骗您的" not in page.text


async def test_nor_is_what_was_typed_before_signing_in_anew_in_another_window(console):
    visitor = await console.staff("li", Role.ADMINISTRATOR)
    await console.account("wang", Role.AGENT)
    old = visitor.form_key
    visitor.session.cookie_jar.update_cookies({COOKIE: await console.token("li")}, console.server.make_url("/"))

    page = await visitor.post("/console/accounts/wang", name="王丽（夜班）", roles=["agent"], password="secret")
    assert page.status == 403
    assert page.has("写的内容还在", "现在登录的是 li", "继续提交", "王丽（夜班）")
    assert "secret" not in page.text
    assert visitor.form_key != old
    assert (await visitor.post("/console/accounts/wang", name="王丽（夜班）", roles=["agent"])).has(
        "王丽（夜班）", "已保存"
    )


@pytest.mark.parametrize(
    ("path", "kind", "sent", "status"),
    [
        ("/console/knowledge/files/import", "multipart/form-data; boundary=x", b"", 401),
        ("/console/knowledge/files/import", "application/x-www-form-urlencoded", b"a=" + b"x" * (1 << 20), 413),
        ("/console/sign-in", "application/x-www-form-urlencoded", b"username=", 408),
    ],
)
async def test_what_strangers_send_is_not_waited_for(console, monkeypatch, path, kind, sent, status):
    monkeypatch.setattr(limited_body, "SECONDS", 0.01 if status == 408 else 600)
    address = console.server.make_url("/")
    reader, writer = await asyncio.open_connection(address.host, address.port)
    head = [f"POST {path} HTTP/1.1", f"Host: {address.authority}", f"Origin: {console.address}"]
    head += [f"Content-Type: {kind}", f"Content-Length: {60 << 20}", "", ""]
    writer.write("\r\n".join(head).encode() + sent)
    answer = await asyncio.wait_for(reader.readline(), 60)  # without an answer it would be for ever
    writer.close()

    assert answer.split()[1] == str(status).encode()


async def test_a_session_ends_after_its_whole_time_however_busy(console, clock):
    visitor = await console.staff("li", Role.AGENT)
    for _ in range(23):
        clock.forward(minutes=31)
        assert (await visitor.get("/console/")).url == "/console/"
    clock.forward(minutes=8)
    assert (await visitor.get("/console/")).url.startswith("/console/sign-in")


async def test_signing_out_ends_the_session_on_the_server(console):
    visitor = await console.staff("li", Role.AGENT)
    token = visitor.cookie()
    page = await visitor.post("/console/sign-out")
    assert page.has("已退出")

    thief = console.stranger()
    thief.session.cookie_jar.update_cookies({COOKIE: token}, console.server.make_url("/"))
    assert (await thief.get("/console/")).url.startswith("/console/sign-in")


async def test_a_session_elsewhere_is_seen_and_ended(console):
    here = await console.staff("li", Role.AGENT)
    elsewhere = await console.signed_in("li")
    stranger = await console.staff("wang", Role.AGENT)
    rows = await console.office.database.read(lambda c: c.execute(select(staff_sessions)).all())
    other = max(row.id for row in rows if row.username == "li")

    assert (await stranger.post(f"/console/me/sessions/{other}/end")).status == 404
    assert (await elsewhere.get("/console/")).status == 200
    assert (await here.post(f"/console/me/sessions/{other}/end")).has("那边的登录已结束")
    assert (await elsewhere.get("/console/")).url.startswith("/console/sign-in")


async def test_a_disabled_account_is_told_so_only_with_its_password(console, newcomer, clock):
    await newcomer()
    root = await console.staff("root", Role.ADMINISTRATOR)
    visitor, _ = await enter(console)
    await root.post("/console/accounts/li/disable")

    assert (await visitor.get("/console/me/password")).url.startswith("/console/sign-in")
    assert (await enter(console))[1].has("已经停用")
    assert (await enter(console, password="wrong"))[1].has("用户名或密码不对")


async def test_an_old_password_has_to_be_renewed(console, newcomer, clock):
    await newcomer()
    visitor, _ = await enter(console)
    await visitor.post("/console/me/password", **KEYS)
    clock.forward(days=181)

    visitor, page = await enter(console, password=GOOD)
    assert page.url == "/console/me/password"
    assert page.has("密码用得太久了")


# ------------------------------------------------------------------ the second factor


async def with_second_factor(console, clock, *roles):
    """A member of staff who has set up a second factor: their secret and recovery codes."""
    visitor = await console.staff("li", *roles or [Role.REVIEWER], password_hash=await stored_password())
    page = await visitor.get("/console/me/second-factor")
    secret = page.text.split('<code class="secret">')[1].split("<")[0]
    page = await visitor.post("/console/me/second-factor", code=pyotp.TOTP(secret).at(clock()))
    codes = [part.split("<")[0] for part in page.text.split("<li><code>")[1:]]
    clock.forward(seconds=30)
    return pyotp.TOTP(secret), codes


async def stored_password():
    from service.identity.passwords import hashed

    return await hashed(GOOD)


async def test_a_role_that_needs_a_second_factor_may_put_it_off_for_some_days(console, newcomer, clock):
    await newcomer(Role.REVIEWER)
    visitor, _ = await enter(console)
    page = await visitor.post("/console/me/password", **KEYS)
    assert page.url == "/console/me/second-factor"
    assert page.has("以后再设", "2026-11-28 10:00")
    assert (await visitor.get("/console/")).has("您的角色登录时还要用动态码")

    clock.forward(days=7)
    visitor, page = await enter(console, password=GOOD)
    assert page.url == "/console/me/second-factor"
    assert page.has("设好才能继续")
    assert (await visitor.get("/console/")).url == "/console/me/second-factor"


async def test_a_role_that_needs_none_is_not_asked(console, newcomer):
    await newcomer(Role.AGENT)
    visitor, _ = await enter(console)
    assert (await visitor.post("/console/me/password", **KEYS)).url == "/console/"


async def test_a_wrong_first_code_sets_nothing_up(console):
    visitor = await console.staff("li", Role.REVIEWER)
    await visitor.get("/console/me/second-factor")
    page = await visitor.post("/console/me/second-factor", code="000000")
    assert page.status == 422
    assert page.has("这 6 位数字不对")


async def test_with_a_second_factor_the_password_alone_opens_nothing(console, clock):
    totp, _ = await with_second_factor(console, clock)
    visitor, page = await enter(console, password=GOOD)

    assert page.url == "/console/sign-in/code"
    for path in ("/console/", "/console/me/password", "/console/me/second-factor", "/console/me"):
        assert (await visitor.get(path)).url == "/console/sign-in/code"
    assert (await visitor.post("/console/me/password", old=GOOD, new="Other-2026-an", again="Other-2026-an")).url == (
        "/console/sign-in/code"
    )
    assert (await visitor.post("/console/sign-in/code", code=totp.at(clock()))).url == "/console/"


async def test_a_second_factor_leads_on_to_the_page_that_was_wanted(console, clock):
    totp, _ = await with_second_factor(console, clock)
    clock.forward(minutes=1)
    visitor = console.stranger()
    await visitor.get("/console/knowledge/review")
    page = await visitor.post("/console/sign-in", username="li", password=GOOD, next="/console/knowledge/review")
    assert page.url.startswith("/console/sign-in/code")
    assert 'name="next" value="/console/knowledge/review"' in page.text
    page = await visitor.post("/console/sign-in/code", code=totp.at(clock()), next="/console/knowledge/review")
    assert page.url == "/console/knowledge/review"


async def test_an_old_password_has_to_be_renewed_with_a_second_factor_too(console, clock):
    totp, _ = await with_second_factor(console, clock)
    clock.forward(days=181)
    visitor, _ = await enter(console, password=GOOD)
    page = await visitor.post("/console/sign-in/code", code=totp.at(clock()))
    assert page.url == "/console/me/password"
    assert page.has("密码用得太久了")


async def test_a_code_counts_once(console, clock):
    totp, _ = await with_second_factor(console, clock)
    code = totp.at(clock())
    first, _ = await enter(console, password=GOOD)
    second, _ = await enter(console, password=GOOD)

    assert (await first.post("/console/sign-in/code", code=code)).url == "/console/"
    assert (await second.post("/console/sign-in/code", code=code)).has("动态码不对")


async def test_codes_are_not_guessed_without_end_though_the_password_is_right(console, clock):
    await with_second_factor(console, clock)
    for _ in range(3):
        visitor, _ = await enter(console, password=GOOD)
        page = await visitor.post("/console/sign-in/code", code="000000")
    assert page.has("动态码不对") or page.has("请等")
    assert (await enter(console, password=GOOD))[1].has("请等")


async def test_the_second_factor_is_waited_for_ten_minutes(console, clock):
    totp, _ = await with_second_factor(console, clock)
    visitor, _ = await enter(console, password=GOOD)
    clock.forward(minutes=10)
    page = await visitor.post("/console/sign-in/code", code=totp.at(clock()))
    assert page.status == 401


async def test_a_recovery_code_opens_once_and_is_recorded(console, clock):
    _, codes = await with_second_factor(console, clock)
    assert len(codes) == len(set(codes)) == 8
    visitor, _ = await enter(console, password=GOOD)
    assert (await visitor.post("/console/sign-in/code", code=codes[0].upper().replace("-", " "))).url == "/console/"
    assert (Deed.RECOVERY_CODE_USED, "li") in await deeds(console)
    assert (await visitor.get("/console/me")).has("还有 7 个恢复码")

    again, _ = await enter(console, password=GOOD)
    assert (await again.post("/console/sign-in/code", code=codes[0])).has("动态码不对")


async def test_new_recovery_codes_end_the_old_ones(console, clock):
    totp, codes = await with_second_factor(console, clock)
    visitor = await console.signed_in("li")
    page = await visitor.post("/console/me/recovery-codes", code=totp.at(clock()))
    assert page.has("恢复码")
    other, _ = await enter(console, password=GOOD)
    assert (await other.post("/console/sign-in/code", code=codes[0])).has("动态码不对")


async def test_a_second_factor_is_neither_shown_again_nor_set_up_over(console, clock):
    totp, _ = await with_second_factor(console, clock)
    visitor = await console.signed_in("li")

    page = await visitor.get("/console/me/second-factor")
    assert page.url == "/console/me"
    assert totp.secret not in page.text
    page = await visitor.post("/console/me/second-factor", code=totp.at(clock()))
    assert page.has("动态码已经设好了")
    assert "<li><code>" not in page.text


async def test_the_secret_is_encrypted_at_rest(console, clock):
    totp, _ = await with_second_factor(console, clock)
    stored = await console.office.database.read(lambda c: c.scalar(select(staff.c.second_factor)))
    assert totp.secret.encode() not in stored


# ------------------------------------------------------------------ forms and headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://proxied.example"}, 204),
    ],
)
async def test_a_form_from_elsewhere_is_refused(console, headers, status):
    visitor = await console.staff("li", Role.AGENT)
    assert (await visitor.post("/console/stay", headers=headers)).status == status


async def test_a_form_without_its_key_is_refused(console):
    visitor = await console.staff("li", Role.AGENT)
    other = await console.staff("wang", Role.AGENT)
    assert (await visitor.post("/console/stay")).status == 204
    visitor.form_key = other.form_key
    page = await visitor.post("/console/stay")
    assert page.status == 403
    assert page.has("这个页面已经过期")
    visitor.form_key = ""
    assert (await visitor.post("/console/stay")).status == 403
    stranger = console.stranger()
    assert (await stranger.post("/console/sign-in", username="li", password="x")).status == 403


async def test_pages_have_strict_headers_and_allow_nothing_inline(console):
    visitor = await console.staff("li", Role.ADMINISTRATOR)
    for path in ("/console/", "/console/accounts", "/console/nothing", "/console/sign-out"):
        page = await visitor.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert " style=" not in page.text
        assert " onclick=" not in page.text
        assert "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")


async def test_without_a_database_the_page_says_that_nothing_was_done(console):
    visitor = await console.staff("li", Role.AGENT)
    await console.office.database.close()
    page = await visitor.post("/console/me/password", **KEYS)
    assert page.status == 500
    assert page.has("这边出了点问题", "可能没有完成")


async def test_the_address_without_its_slash_leads_there_too(console):
    assert (await console.stranger().get("/console")).url == "/console/sign-in"


async def test_a_page_is_not_found_in_the_frame_and_in_chinese(console):
    visitor = await console.staff("li", Role.AGENT)
    page = await visitor.get("/console/nothing")
    assert page.status == 404
    assert page.has("首页", "没有找到这个页面")


async def test_over_https_the_cookie_is_secure_and_bound_to_the_host(database, keyring, clock):
    async with open_console(database, keyring, clock, public_url="https://12345.example.gov.cn") as console:
        page = await console.stranger().get("/console/sign-in")
        cookie = page.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_a_trusted_proxy_tells_of_https_and_of_the_address(database, keyring, clock):
    async with open_console(database, keyring, clock, trusted_proxies=("127.0.0.1",)) as console:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        page = await console.stranger().get("/console/sign-in", headers=headers)
        assert "Secure" in page.headers["Set-Cookie"]
        await enter(console, password="wrong", **{"X-Forwarded-For": "203.0.113.9"})
        (line,) = await database.read(found(Search(deed=Deed.SIGN_IN_FAILED), 5))
        assert line.done.details["address"] == "203.0.113.9"
