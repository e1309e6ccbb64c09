"""The questions by which every change is tried: staff's own, each with the entry that should answer it."""

from aiohttp import web

from console.addresses import id_of
from console.forms import Form
from console.knowledge.verbs import entry_path, title_of
from console.visit import Visit
from knowledge_base.question_bank import LONGEST, QuestionBank, QuestionRefused

_SHOWN = 100


async def show_questions(visit: Visit) -> web.Response:
    """All of them, by pages."""
    return await _page(visit, Form.of({"question": "", "expected": visit.query.get("expected", "")}))


async def add(visit: Visit) -> web.Response:
    """Ask a question at every publication from now on."""
    form = await visit.form()
    question = form.text("question", missing="请写市民会问的一句话。", limit=LONGEST)
    expected = _slug(visit, form.text("expected"))
    if form.ok:
        try:
            await _bank(visit).add(visit.actor, question, expected or None)
        except QuestionRefused as refused:
            form.complain("expected" if "条目" in str(refused) else "question", str(refused))
        else:
            return visit.go("/knowledge/questions", "已记下，以后每次发布前都会问一遍。")
    return await _page(visit, form, status=422)


async def remove(visit: Visit) -> web.Response:
    """Ask it no longer."""
    question = (await visit.form()).text("question")
    try:
        number = await _bank(visit).remove(visit.actor, question)
    except QuestionRefused as refused:
        return visit.go("/knowledge/questions", str(refused), good=False)
    return visit.go("/knowledge/questions", f"“{question}”已删掉。", undo=f"/knowledge/questions/{number}/restore")


async def restore(visit: Visit) -> web.Response:
    """Ask one again that was taken out."""
    number = id_of(visit.match["question"])
    try:
        question = await _bank(visit).put_back(visit.actor, number or 0)
    except QuestionRefused as refused:
        return visit.go("/knowledge/questions", str(refused), good=False)
    return visit.go("/knowledge/questions", f"“{question}”放回来了。")


async def _page(visit: Visit, form: Form, status: int = 200) -> web.Response:
    every, entries = await _bank(visit).all(), visit.office.knowledge.stored()
    text = visit.query.get("q", "").strip()
    fitting = sorted((each for each in every if text in each.question), key=lambda each: each.question)
    rest = [each for each in fitting if each.question > visit.query.get("after", "")]
    shown, later = visit.paged(rest, _SHOWN, lambda each: each.question)
    return visit.page(
        "knowledge/questions.html",
        status=status,
        form=form,
        questions=shown,
        total=len(fitting),
        later=later,
        names={entry.slug: title_of(entry) for entry in entries},
        path=entry_path,
    )


def _slug(visit: Visit, written: str) -> str:
    """The id of the entry that was named, by its id or by its name."""
    named = {title_of(entry): entry.slug for entry in visit.office.knowledge.stored()}
    return named.get(written, written)


def _bank(visit: Visit) -> QuestionBank:
    return QuestionBank(visit.office.database, visit.office.clock)
