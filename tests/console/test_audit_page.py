"""The audit as auditors see it."""

import csv
import io
import re

import pytest
from sqlalchemy import text

from service.audit import Deed, Recorded, Search, found, last_line, record_within
from service.audit_notes import AuditNotes
from service.identity.roles import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def auditor(console):
    return await console.staff("shen", Role.AUDITOR)


async def record(console, *done):
    def work(connection):
        for each in done:
            record_within(connection, each)

    await console.office.database.write(work)


async def test_the_newest_lines_come_first_and_can_be_filtered(console, auditor, clock):
    looked = Recorded(clock(), "li", Deed.LOOK, "20261121-00001-7", "核实地址", {"address": "10.0.0.7"})
    await record(console, looked, Recorded(clock(), "wang", Deed.EXPORT, "tickets.xlsx", details={"personal": True}))

    page = await auditor.get("/console/audit")
    assert page.has("2026-11-21 10:00", "wang", "导出", "tickets.xlsx", "完整信息 是")
    assert page.has("li", "查看完整信息", "20261121-00001-7", "核实地址", "从 10.0.0.7")
    page = await auditor.get("/console/audit?deed=look&since=2026-11-21&until=2026-11-21")
    assert page.has("核实地址")
    assert not page.has("tickets.xlsx")
    assert (await auditor.get("/console/audit?until=2026-11-20")).has("没有这样的记录")


async def test_looking_at_the_audit_is_recorded_as_well(console, auditor):
    await auditor.get("/console/audit?actor=li")
    (line,) = await console.office.database.read(found(Search(deed=Deed.AUDIT_READ), 5))
    assert (line.done.actor, line.done.details) == ("shen", {"actor": "li"})

    await auditor.get("/console/audit?subject=wang&after=1000")  # from the middle on, too
    (line, _) = await console.office.database.read(found(Search(deed=Deed.AUDIT_READ), 5))
    assert line.done.details == {"subject": "wang"}


async def test_lines_go_by_pages(console, auditor, clock):
    await record(console, *(Recorded(clock(), "li", Deed.LOOK, f"ticket-{n}") for n in range(150)))
    page = await auditor.get("/console/audit")
    assert page.text.count("ticket-") == 100
    later = re.search(r'rel="next" href="([^"]+)"', page.text)[1]
    assert (await auditor.get(later)).text.count("ticket-") == 50


async def test_an_export_needs_a_reason_holds_the_hashes_and_runs_in_no_spreadsheet(console, auditor, clock):
    await record(console, Recorded(clock(), "li", Deed.LOOK, "ticket-1", "=HYPERLINK(1)"))
    assert (await auditor.post("/console/audit/export", reason="")).has("请写明为什么导出")

    page = await auditor.post("/console/audit/export", reason="季度检查", actor="li")
    rows = list(csv.reader(io.StringIO(page.text.removeprefix("\ufeff"))))
    (line,) = await console.office.database.read(found(Search(actor="li"), 5))
    assert rows[0][0] == "行"
    assert rows[1][:6] == ["1", "2026-11-21 10:00", "li", "查看完整信息", "ticket-1", "'=HYPERLINK(1)"]
    assert rows[1][-1] == line.hash
    (line,) = await console.office.database.read(found(Search(deed=Deed.EXPORT), 5))
    assert (line.done.actor, line.done.reason) == ("shen", "季度检查")


async def checked(auditor, **fields):
    page = await auditor.post("/console/audit/check", **fields)
    address = page.url
    for _ in range(600):
        if not page.has("正在做"):
            return page
        page = await auditor.get(address)
    return page


async def test_the_chain_is_checked_in_a_job_that_says_where_it_is_broken(console, auditor, clock):
    await record(console, *(Recorded(clock(), "li", Deed.LOOK, f"ticket-{n}") for n in range(5)))
    page = await checked(auditor)
    assert page.has("都没有被改过")
    noted = re.search(r"\d+:[0-9a-f]{64}", page.text)[0]

    def tamper(connection):
        connection.execute(text("DROP TRIGGER audit_is_not_updated"))
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE id = 3"))

    assert (await checked(auditor, noted=noted)).has("都没有被改过")
    await console.office.database.write(tamper)
    assert (await checked(auditor)).has("第 3 行：这一行或前一行被改过")


async def test_the_check_knows_what_was_noted_beside_the_database(console, auditor, clock):
    await record(console, *(Recorded(clock(), "li", Deed.LOOK, f"ticket-{n}") for n in range(5)))
    database = console.office.database
    AuditNotes.of(console.office.settings.data_dir).add(await database.read(last_line))

    def cut(connection):
        connection.execute(text("DROP TRIGGER audit_is_not_deleted"))
        connection.execute(text("DELETE FROM audit WHERE id > 3"))

    await database.write(cut)
    assert (await checked(auditor)).has("第 5 行：记下过这一行，现在没有了")


async def test_who_administers_does_not_see_the_audit(console):
    root = await console.staff("root", Role.ADMINISTRATOR)
    assert (await root.get("/console/audit")).status == 403
    assert not (await root.get("/console/")).has("审计记录")
