"""A citizen's first visit, through the real service in a real browser."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("LTB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def address(tmp_path_factory, model_dir):
    environment = os.environ | {
        "LTB_DATA_DIR": str(tmp_path_factory.mktemp("visit")),
        "LTB_MODEL_DIR": str(model_dir),
        "LTB_PORT": "0",
        "LTB_ENCODER": "false",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "service.cli", "serve"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
    yield next(line.split()[-1] for line in process.stdout if "http://" in line)
    process.terminate()
    assert process.wait(30) == 0


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": 1366, "height": 768})
        opened.problems = []
        opened.on("pageerror", lambda error: opened.problems.append(str(error)))
        yield opened
        browser.close()
        assert opened.problems == []


def test_ask_follow_up_choose_get_a_ticket_and_see_it_after_reload(page, address):
    page.goto(address)
    log = page.get_by_role("log")
    box = page.locator("textarea").first

    def say(text: str, answered_by: str) -> None:
        box.fill(text)
        box.press("Enter")
        expect(log).to_contain_text(answered_by)

    say("身份证过期了在外地能换吗", "居民身份证申领换领补领")
    say("那要带什么材料", "户口簿")
    say("孩子的医保怎么弄", "都不是")
    log.get_by_role("button", name="都不是").last.click()
    expect(log).to_contain_text("我还没有准确的答复")
    say("我要投诉阳光小区3号楼的物业，电梯坏了半个月没人修", "能联系到您的电话")
    say("13800138000", "怎么称呼您")
    say("王女士", "您同意吗")
    log.get_by_role("button", name="同意", exact=True).last.click()
    expect(log).to_contain_text("请核对")
    log.get_by_role("button", name="确认提交").click()
    expect(log).to_contain_text("已为您登记，编号")

    page.reload()
    expect(page.get_by_role("log")).to_contain_text("已为您登记，编号")
    page.get_by_role("button", name="我的工单").click()
    expect(page.get_by_role("log")).to_contain_text("接下来由热线工作人员核对内容")
