"""What staff do with a version: each is a verb of `EntryLifecycle`, and what it refuses is said on the entry's page."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from console.knowledge.verbs import entry_path, lifecycle_of, number_in
from console.visit import Visit
from knowledge_base.lifecycle import EntryLifecycle
from knowledge_base.live import refresh_knowledge
from knowledge_base.versions import NotAllowed, Version

_Act = Callable[[EntryLifecycle, Visit, int, str], Awaitable[Version]]


def _deed(act: _Act, said: str, undo: str = "") -> Callable[[Visit], Awaitable[web.Response]]:
    async def handle(visit: Visit) -> web.Response:
        slug, number = visit.match["slug"], number_in(visit)
        reason = (await visit.form()).text("reason")
        try:
            version = await act(lifecycle_of(visit.office), visit, number, reason)
        except NotAllowed as refused:
            return visit.go(entry_path(slug), str(refused), good=False)
        await refresh_knowledge(visit.office.entries, visit.office.knowledge)
        taken_back = entry_path(slug, number, undo) if undo else ""
        return visit.go(entry_path(slug), said.format(version.number), undo=taken_back)

    return handle


submit = _deed(
    lambda desk, visit, number, _: desk.submit(visit.actor, visit.match["slug"], number),
    "第 {} 版已送审，等知识审核来看。",
    undo="take-back",
)
take_back = _deed(
    lambda desk, visit, number, _: desk.take_back(visit.actor, visit.match["slug"], number),
    "第 {} 版收回了，又是草稿，可以接着改。",
)
approve = _deed(
    lambda desk, visit, number, _: desk.approve(visit.actor, visit.match["slug"], number),
    "第 {} 版已通过。发布以后市民才看得到。",
)
send_back = _deed(
    lambda desk, visit, number, reason: desk.send_back(visit.actor, visit.match["slug"], number, reason),
    "第 {} 版已退回修改。",
)
withdraw = _deed(
    lambda desk, visit, _, reason: desk.withdraw(visit.actor, visit.match["slug"], reason),
    "第 {} 版已撤下，各个渠道都不再回答这一条。内容还在，随时可以取回。",
    undo="put-back",
)
put_back = _deed(
    lambda desk, visit, number, _: desk.put_back(visit.actor, visit.match["slug"], number),
    "第 {} 版恢复了，市民现在又能问到。",
)
archive = _deed(
    lambda desk, visit, number, _: desk.archive(visit.actor, visit.match["slug"], number),
    "第 {} 版已归档。",
    undo="restore",
)
restore = _deed(
    lambda desk, visit, number, _: desk.restore(visit.actor, visit.match["slug"], number),
    "内容已取回，成为第 {} 版草稿。现在告诉市民的没有变。",
)
