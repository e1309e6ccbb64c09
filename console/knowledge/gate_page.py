"""The publish gate: a version is tried on real questions, and what becomes worse takes a written reason."""

from itertools import groupby

from aiohttp import web

from console.knowledge.entry_page import moves_of
from console.knowledge.verbs import entry_path, lifecycle_of, number_in, questions_cipher, title_of
from console.refusal import not_there
from console.visit import Visit
from knowledge_base.gate import digest_of, try_change
from knowledge_base.kept_trials import keep_trial, kept_trial
from knowledge_base.live import refresh_knowledge
from knowledge_base.question_bank import bank_for
from knowledge_base.versions import NotAllowed, Version
from service.jobs import JobRefused, Outcome, Tell


async def try_version(visit: Visit) -> web.Response:
    """Try a version on the questions of this installation; publish it at once if that was wanted and nothing drops."""
    version = await _version(visit)
    slug, number = visit.match["slug"], version.number
    wants = (await visit.form()).raw("then") == "publish" and "publish" in moves_of(visit, version)
    office, actor = visit.office, visit.actor
    cipher = questions_cipher(office)

    async def work(tell: Tell) -> Outcome:
        await refresh_knowledge(office.entries, office.knowledge)
        bank = await bank_for(office.database, cipher, office.knowledge, [version.entry], office.clock)
        trial = await try_change(office.knowledge, [version.entry], bank, lambda done, total: tell(done / total))
        await office.database.write(keep_trial(cipher, slug, number, trial, office.clock()))
        told = f"试了 {trial.tried} 个问题，{len(trial.effects)} 个有变化，{len(trial.drops)} 个变差"
        if not wants or trial.drops:
            return Outcome(f"{told}。", entry_path(slug, number, "gate"))
        try:
            await lifecycle_of(office).publish(actor, slug, number, trial)
        except NotAllowed as refused:
            raise JobRefused(str(refused)) from refused
        await refresh_knowledge(office.entries, office.knowledge)
        return Outcome(f"已发布，市民现在就能问到。{told}。", entry_path(slug))

    return await visit.start(f"试问：{title_of(version.entry)[:60]}", work)


async def show_gate(visit: Visit) -> web.Response:
    """What the trial found, the worst first."""
    return await _page(visit, await _version(visit))


async def publish(visit: Visit) -> web.Response:
    """Publish what was tried."""
    version, form = await _version(visit), await visit.form()
    slug, office = visit.match["slug"], visit.office
    trial = await office.database.read(kept_trial(questions_cipher(office), slug, version.number, visit.now))
    if trial is None or trial.digest != digest_of(version.entry):
        return visit.go(entry_path(slug), "试问的结果已经过时，请再试一遍。", good=False)
    try:
        await lifecycle_of(office).publish(visit.actor, slug, version.number, trial, form.text("reason"))
    except NotAllowed as refused:
        form.complain("reason", str(refused))
        return await _page(visit, version, status=422)
    await refresh_knowledge(office.entries, office.knowledge)
    return visit.go(entry_path(slug), f"第 {version.number} 版已发布，市民现在就能问到。")


async def _page(visit: Visit, version: Version, status: int = 200) -> web.Response:
    slug = visit.match["slug"]
    reading = kept_trial(questions_cipher(visit.office), slug, version.number, visit.now)
    trial = await visit.office.database.read(reading)
    if trial is not None and trial.digest != digest_of(version.entry):
        trial = None
    names = {entry.slug: title_of(entry) for entry in visit.office.knowledge.stored()}
    return visit.page(
        "knowledge/gate.html",
        status=status,
        form=await visit.form(),
        version=version,
        title=title_of(version.entry),
        trial=trial,
        groups=[(verdict, list(found)) for verdict, found in groupby(trial.effects, key=lambda effect: effect.verdict)]
        if trial
        else [],
        named=lambda told: named_in(told, names | {slug: title_of(version.entry)}),
        may_publish="publish" in moves_of(visit, version),
        path=lambda *more: entry_path(slug, *more),
    )


def named_in(told: str, names: dict[str, str]) -> str:
    """A decision with the entries' names in place of their ids: 直接回答 e261121-0a1b2c."""
    kind, _, slugs = told.partition(" ")
    return f"{kind}：{'、'.join(names.get(slug, slug) for slug in slugs.split('、'))}" if slugs else kind


async def _version(visit: Visit) -> Version:
    try:
        return await lifecycle_of(visit.office).version(visit.match["slug"], number_in(visit))
    except NotAllowed as unknown:
        raise not_there("没有这一版", str(unknown)) from unknown
