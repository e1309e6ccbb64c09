"""What is wrong with the base, before a citizen finds out: looked for in a job, kept until the next time."""

import asyncio
import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from aiohttp import web

from console.kept_files import folder_of
from console.knowledge.verbs import entry_path, title_of
from console.office import Office
from console.visit import Visit
from knowledge_base.check import Finding, Problem, check
from knowledge_base.links import LinkCheck
from service.clock import shown_when
from service.jobs import Outcome, Tell

_SHOWN = 100  # of a kind


async def show_findings(visit: Visit) -> web.Response:
    """What was found the last time."""
    path = _path(visit.office)
    told = json.loads(await asyncio.to_thread(path.read_text, "utf-8")) if path.exists() else None
    found = [Finding(**each | {"problem": Problem(each["problem"])}) for each in told["findings"]] if told else []
    return visit.page(
        "knowledge/check.html",
        told=told,
        groups=[(kind, list(each)) for kind, each in groupby(found, key=lambda finding: finding.problem)],
        names={entry.slug: title_of(entry) for entry in visit.office.knowledge.stored()},
        shown=_SHOWN,
        path=entry_path,
    )


async def begin(visit: Visit) -> web.Response:
    """Look at every entry, and at every link in them where that is asked for, in a job."""
    office = visit.office
    with_links = (await visit.form()).raw("links") == "yes"
    share = 0.5 if with_links else 1.0  # of the work that the entries themselves are

    async def work(tell: Tell) -> Outcome:
        entries = office.knowledge.stored()
        at = office.clock()
        found = await check(entries, office.knowledge, at, lambda done: tell(share * done / max(1, len(entries))))
        if with_links:
            links = LinkCheck(office.settings.files_dir, office.settings.check_inner_links)
            found += await links.findings(entries, lambda done, all_: tell(share + (1 - share) * done / max(1, all_)))
        told = {
            "at": shown_when(at),
            "entries": len(entries),
            "links": with_links,
            "findings": [asdict(finding) for finding in found],
        }
        path = _path(office)
        part = path.with_suffix(".part")
        await asyncio.to_thread(part.write_text, json.dumps(told, ensure_ascii=False), "utf-8")
        part.replace(path)
        said = f"有 {len(found)} 处要看。" if found else "没有发现问题。"
        return Outcome(f"查了 {len(entries)} 条，{said}", "/knowledge/check")

    return await visit.start("检查知识库", work)


def _path(office: Office) -> Path:
    return folder_of(office) / "check.json"
